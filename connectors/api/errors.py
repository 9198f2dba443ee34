"""How a read can fail, each with the exit code that is published for it, and what an answer's status means."""

import re
from collections.abc import Iterable, Sequence

from connectors.api.nouns import Rule, Verdict


class ApiError(Exception):
    """A failure in words for people, without secrets: what happened, where, why, what to do."""

    exit_code = 6


class AuthFailed(ApiError):
    """The server does not accept the credentials."""

    exit_code = 4


class NoPermission(ApiError):
    """The credentials are good, and may not read this."""

    exit_code = 4


class Unavailable(ApiError):
    """The server can't be reached, is down, or answers what is no answer."""

    exit_code = 5


class QuotaUsed(ApiError):
    """The quota, or the time to wait for it, is used up; what is complete is kept."""


class Incomplete(ApiError):
    """The server gave fewer rows than it must have: a page came twice, a filter was ignored, a total is not reached."""


class BookmarkLost(Incomplete):
    """The server no longer knows the place to go on from."""


class Shrunk(ApiError):
    """So many records vanished that a fault is likelier than a deletion."""

    exit_code = 7


class BadOptions(ApiError):
    """An option is missing or can't be; nothing was asked."""

    exit_code = 3


class BadRequest(ApiError):
    """The server did not understand the request, or does not have what is asked for."""

    exit_code = 5


DEFAULT: tuple[Rule, ...] = (
    Rule(Verdict.AUTH, (401, 407), hint="Check the credentials, and whether they have expired"),
    Rule(Verdict.NOT_LICENSED, (402,), hint="The plan of this account does not include it"),
    Rule(Verdict.PERMISSION, (403,), hint="Ask the administrator for the permission"),
    Rule(Verdict.NOT_FOUND, (404, 410), hint="Check the address; the module may not be installed"),
    Rule(Verdict.RETRY, (408, 409, 425)),
    Rule(Verdict.THROTTLE, (420, 429)),
    Rule(Verdict.CONFIG, (400, 405, 406, 411, 413, 414, 415, 422), hint="This is a fault of the connector or of its options"),
    Rule(Verdict.FATAL, (501, 505), hint="The server does not offer this"),
)
"""What a status means where a connector's own rules say nothing. Other 4xx are not understood; other 5xx pass."""


def judge(status: int, text: str, rules: Sequence[Rule]) -> Rule:
    """The first rule that fits an answer; FINE for a plain 2xx."""
    for rule in (*rules, *DEFAULT):
        if (not rule.status or status in rule.status) and (not rule.text or re.search(rule.text, text[:4000])):
            return rule
    if 200 <= status < 300:
        return Rule(Verdict.FINE)
    if status >= 500:
        return Rule(Verdict.RETRY)
    return Rule(Verdict.CONFIG, hint="The server gave an answer that the connector does not expect")


FAILURES: dict[Verdict, type[ApiError]] = {
    Verdict.RETRY: Unavailable, Verdict.THROTTLE: QuotaUsed, Verdict.THROTTLE_DAY: QuotaUsed, Verdict.AUTH: AuthFailed, Verdict.PERMISSION: NoPermission,
    Verdict.NOT_LICENSED: NoPermission, Verdict.NOT_FOUND: BadRequest, Verdict.CONFIG: BadRequest, Verdict.BAD_BOOKMARK: BookmarkLost, Verdict.FATAL: Unavailable,
}  # fmt: skip


class Redactor:
    """Takes secrets out of texts, also where they stand percent-encoded or as basic credentials."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self.secrets: set[str] = set()
        for secret in secrets:
            self.learn(secret)

    def learn(self, secret: str) -> None:
        """Take this out too: a token that came later. Texts of under four letters would redact half of every message."""
        import base64
        from urllib.parse import quote, quote_plus

        if len(secret) >= 4:
            self.secrets |= {secret, quote(secret, safe=""), quote_plus(secret), base64.b64encode(secret.encode()).decode()}

    def __call__(self, text: str) -> str:
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text
