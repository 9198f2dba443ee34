"""Signature version 4, with which requests to Amazon Web Services are signed: requests-aws4auth makes it."""

from dataclasses import dataclass

from requests.auth import AuthBase

from connectors.api.auth import Setting


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
