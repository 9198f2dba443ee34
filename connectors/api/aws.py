"""Signature version 4, with which requests to Amazon Web Services are signed: requests-aws4auth makes it."""

from dataclasses import dataclass

from requests.auth import AuthBase

from connectors.api.auth import Setting
from connectors.api.nouns import Option, Rule, Verdict

KEY = (
    Option("key_id", "Id of the access key.", pattern=r"[A-Z0-9]+", example="AKIAIOSFODNN7EXAMPLE"),
    Option("secret_key", "Its secret.", secret=True),
    Option("session_token", "Session token, where the key lasts for hours only.", secret=True, required=False),
)
"""What a person gives to connect any service of AWS."""


def told(permission: str) -> tuple[Rule, ...]:
    """The rules of a service that says what is wrong as a type in its body, mostly with 400. `permission` is the action that it needs."""
    return (
        Rule(Verdict.THROTTLE, (400, 429), r'"__type"\s*:\s*"[^"]*(Throttl|LimitExceeded|TooManyRequests)', "AWS limits requests for a while"),
        Rule(Verdict.AUTH, (400, 403), r"UnrecognizedClient|InvalidSignature|IncompleteSignature|InvalidClientTokenId|ExpiredToken|MissingAuthenticationToken", "Check id and secret of the key, and the clock of this machine"),
        Rule(Verdict.PERMISSION, (400, 403), r"AccessDenied", f"Allow {permission} to the key's user"),
    )


def operation(name: str) -> dict[str, str]:
    """The parameters that say which operation of a service a posted body asks for."""
    return {"header:X-Amz-Target": name, "header:Content-Type": "application/x-amz-json-1.1"}


@dataclass(frozen=True)
class Aws4:
    """A key of AWS for one service in one region; `session_token` comes with keys that last for hours only.

    The signature holds the time, and is made anew for each try: AWS takes none that is over five minutes old.
    """

    key_id: str
    secret: str
    service: str
    region: str = "us-east-1"
    session_token: str = ""
    needs: tuple[str, ...] = ()

    def live(self, setting: Setting) -> AuthBase:
        from requests_aws4auth import AWS4Auth

        token = setting.fill(self.session_token)
        signed: AuthBase = AWS4Auth(setting.fill(self.key_id), setting.fill(self.secret), setting.fill(self.region), self.service, **({"session_token": token} if token else {}))
        return signed
