"""HTTP for one connection: signed, paced, bounded in time and size, judged, and silent about secrets."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from connectors.api.auth import Auth, Live, Setting
from connectors.api.errors import FAILURES, ApiError, AuthFailed, BadOptions, Incomplete, Redactor, Unavailable, judge
from connectors.api.nouns import Budget, Json, Request, Rule, Verdict
from connectors.api.tokens import TokenStore
from connectors.api.waiting import Clock, Pace, asked_wait, backoff

T = TypeVar("T")
CONNECT, READ = 10.0, 120.0
DEADLINE = 300.0
"""Seconds for a whole answer: one byte a minute would never meet the read timeout."""
LARGEST = 256 << 20
TRIES = 6
CHUNK = 1 << 18
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Answer:
    """A whole answer, body decoded from its transfer encodings."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    links: Mapping[str, str]


class Refusal(requests.RequestException):
    """An answer that is none, and would be the same if asked again; the text is for people."""


class Client:
    """Asks one server. Nothing that it raises or says holds a secret, and no credential leaves for another host."""

    def __init__(self, base: str, auth: Auth, options: Mapping[str, str], secrets: Sequence[str], store: TokenStore, rules: Sequence[Rule] = (),
                 budget: Budget = Budget(), clock: Clock = Clock(), headers: Mapping[str, str] = {}, wait_total: float = 900.0) -> None:  # fmt: skip  # noqa: B008 - frozen
        self.base, self.rules, self.clock = base.rstrip("/"), tuple(rules), clock
        self.clean = Redactor(secrets)
        self.pace = Pace(budget, clock, wait_total)
        self.retries = 0
        self.bytes = 0
        self.server_time: str | None = None
        self.origin = origin(self.base)
        self.session = requests.Session()
        self.session.headers.update({"Accept": "application/json", "User-Agent": "plumbline", **headers})
        self.auth = auth.live(Setting(options, self.post, store, clock, self.clean.learn))

    def address(self, url: str) -> str:
        """An absolute address on this server. Raises Incomplete for one elsewhere, which no credential may reach."""
        whole = url if urlsplit(url).scheme else (urljoin(self.base + "/", url) if url.startswith("//") else self.base + "/" + url.lstrip("/"))
        if origin(whole) != self.origin:
            raise Incomplete(f"the server leads on to another host ({urlsplit(whole).netloc[:80]}), where the credentials must not go")
        return whole

    def ask(self, request: Request, read: Callable[[Answer], T], rules: Sequence[Rule] = ()) -> T:
        """Send a request until it is answered; what `read` makes of the answer, where a ValueError is a broken body. Raises ApiError."""
        renewed = False
        for attempt in range(TRIES):
            self.pace.take()
            problem, wait, rule = "", None, Rule(Verdict.RETRY)
            try:
                answer = self.once(request, self.auth)
                rule = judge(answer.status, text_of(answer.body[:4000]), (*rules, *self.rules))
                problem = f"HTTP {answer.status}{said(answer)}"
                if rule.verdict is Verdict.FINE:
                    self.pace.heed(answer.headers)
                    refuse_page(answer)
                    return read(answer)
                wait = asked_wait(answer.headers, self.clock.now())
            except Refusal as error:
                problem, rule = str(error), Rule(Verdict.FATAL)
            except requests.RequestException as error:
                problem = described(error)
            except ValueError as error:
                problem = f"the answer is broken ({error})"
            if rule.verdict is Verdict.FINE:
                rule = Rule(Verdict.RETRY)
            if rule.verdict is Verdict.AUTH and not renewed and isinstance(self.auth, Live) and self.auth.renew():
                renewed = True
                continue
            last = attempt == TRIES - 1
            if rule.verdict not in (Verdict.RETRY, Verdict.THROTTLE) or last:
                raise self.failure(rule, request, problem)
            self.retries += 1
            self.pace.wait(backoff(attempt) if wait is None else math.ceil(wait * 1000) / 1000 + 0.1)
        raise AuthFailed(self.clean(f"{self.place(request)}: the credentials were renewed and still not accepted"))

    def failure(self, rule: Rule, request: Request, problem: str) -> ApiError:
        """What to raise for a verdict."""
        hint = f". {rule.hint}" if rule.hint else ""
        return FAILURES[rule.verdict](self.clean(f"{self.place(request)}: {problem}{hint}"))

    def place(self, request: Request) -> str:
        """The path of a request, which alone is shown of an address."""
        return f"{request.method} {urlsplit(request.url).path}"

    def once(self, request: Request, auth: AuthBase | None, form: Mapping[str, str] | None = None) -> Answer:
        """One exchange; redirects are answers here. Raises requests.RequestException; other failures of the network as such too."""
        started = self.clock.monotonic()
        with self.session.request(
            request.method, request.url, params=request.params or None, json=request.body, data=form, headers=dict(request.headers), auth=auth or Live(),
            timeout=(CONNECT, READ), allow_redirects=False, stream=True,
        ) as response:  # fmt: skip
            body = self.whole(response, started)
            self.server_time = response.headers.get("Date", self.server_time)
            if response.is_redirect:
                where = urlsplit(response.headers.get("Location", "")).netloc
                raise Refusal(f"a redirect{f' to {where[:80]}' if where else ''}, which is not followed: credentials stay with the address given")
            links = {name: link["url"] for name, link in response.links.items()} if "Link" in response.headers else {}
            return Answer(response.status_code, response.headers, body, links)

    def whole(self, response: requests.Response, started: float) -> bytes:
        """The body, as long as it comes in time, is not too large, and is as long as announced."""
        pieces, size, raw = [], 0, response.raw
        raw.enforce_content_length = False
        try:
            while piece := raw.read1(CHUNK, decode_content=True):
                pieces.append(piece)
                size += len(piece)
                if size > LARGEST:
                    raise Refusal(f"the answer is larger than {LARGEST >> 20} MB")
                if self.clock.monotonic() - started > DEADLINE:
                    raise requests.ReadTimeout(f"the answer was not complete after {DEADLINE:.0f} s")
        except (OSError, *NETWORK) as error:
            if isinstance(error, requests.RequestException):
                raise
            raise requests.ConnectionError(f"the connection broke off ({type(error).__name__})") from None
        announced = response.headers.get("Content-Length", "")
        if announced.isdecimal() and raw.tell() < int(announced) and response.request.method != "HEAD":
            raise requests.ConnectionError(f"the answer broke off: {raw.tell():,} of {int(announced):,} bytes came")
        self.bytes += size
        return b"".join(pieces)

    def post(self, url: str, *, form: Mapping[str, str] | None = None, body: Mapping[str, Json] | None = None, basic: tuple[str, str] | None = None) -> Json:
        """Ask a token endpoint, once: a refresh token that changes must not be sent twice. Raises AuthFailed, Unavailable."""
        if urlsplit(url).scheme != "https" and urlsplit(url).hostname not in LOCAL:
            raise BadOptions(f"{urlsplit(url).netloc}: a token endpoint must be https")
        request = Request(url, method="POST", body=body)
        try:
            answer = self.once(request, HTTPBasicAuth(*basic) if basic else None, form)
            found = json.loads(answer.body) if answer.body else {}
        except (requests.RequestException, ValueError) as error:
            raise Unavailable(self.clean(f"{self.place(request)}: the token endpoint can't be reached ({described(error)})")) from None
        if answer.status >= 500 or answer.status == 429:
            raise Unavailable(self.clean(f"{self.place(request)}: HTTP {answer.status}{said(answer)}"))
        if answer.status >= 400 or not isinstance(found, dict):
            raise AuthFailed(self.clean(f"{self.place(request)}: HTTP {answer.status}{said(answer)}. The credentials are not accepted; get new ones and run `plumbline connect auth`"))
        return found


def network_errors() -> tuple[type[Exception], ...]:
    """What urllib3 and http.client raise while a body is read."""
    import http.client

    import urllib3

    return (urllib3.exceptions.HTTPError, http.client.HTTPException)


NETWORK = network_errors()


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address. Raises BadOptions where credentials would travel in the clear."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise BadOptions(f"{url[:80]!r} is no address") from None
    if not host or parts.username or (parts.scheme != "https" and not (parts.scheme == "http" and host in LOCAL)):
        raise BadOptions(f"{parts.scheme or 'no scheme'}://{host}: give an address that begins with https:// and holds no user or password")
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80)


def refuse_page(answer: Answer) -> None:
    """Raise Refusal for a web page: a login form, a proxy, an instance that sleeps. Asking again would give it again.

    JSON that is labelled as a page passes: moto, which plays AWS, labels it so.
    """
    kind, begin = answer.headers.get("Content-Type", "").lower(), answer.body[:200].lstrip().lower()
    if begin.startswith((b"<!doctype", b"<html")) or ("html" in kind and not begin.startswith((b"{", b"["))):
        raise Refusal("it answers with a web page where data should be: a login form, a proxy, or an instance that sleeps")


def said(answer: Answer) -> str:
    """The first words of what the server says of a fault, in one line."""
    text = " ".join(text_of(answer.body[:300]).split())
    return f" «{text[:200]}»" if text and not text.startswith("<") else ""


def text_of(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def described(error: Exception) -> str:
    """A failure of the network in words; requests' own texts name whole addresses."""
    if isinstance(error, Refusal) or (isinstance(error, requests.ReadTimeout | requests.ConnectionError) and str(error).startswith("the ")):
        return str(error)
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not accepted"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    return "no connection" if isinstance(error, requests.ConnectionError) else type(error).__name__
