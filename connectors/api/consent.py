"""Signing in once, as a person: the browser asks for consent, and its answer is exchanged for the refresh token that is kept from then on.

The authorization code grant of RFC 6749, 4.1, with PKCE (RFC 7636), the answer coming to this machine's own address as
RFC 8252 has it, or being pasted. Challenge, address and the answer's reading come from authlib; the exchange is a post like any other.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

from connectors.api.auth import Auth, Either, RotatingRefresh, Setting
from connectors.api.errors import AuthFailed, BadOptions, Unavailable

CALLBACK = "/callback"
PATIENCE = 300.0
"""Seconds in which a person must have signed in."""
DONE = b"<!doctype html><title>Plumbline</title><p>Plumbline has what it needs. You may close this page."


@dataclass(frozen=True)
class Asking:
    """A consent that was asked for: where the browser goes, what it must bring back, and what only we know."""

    address: str
    redirect: str
    state: str
    verifier: str = field(repr=False)


def way_of(auth: Auth) -> RotatingRefresh | None:
    """The way to sign for which a person can consent; None where there is none."""
    ways = auth.ways if isinstance(auth, Either) else (auth,)
    return next((way for way in ways if isinstance(way, RotatingRefresh) and way.consent), None)


def asking(way: RotatingRefresh, setting: Setting, redirect: str) -> Asking:
    """Begin: a state that nobody can guess and a secret of which only the hash is sent."""
    from authlib.common.security import generate_token
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    if way.consent is None:
        raise BadOptions("nobody can sign in to this system as a person")
    state, verifier = generate_token(32), generate_token(64)
    address = prepare_grant_uri(
        setting.fill(way.consent.url), setting.fill(way.client_id), "code", redirect_uri=redirect, scope=way.consent.scope, state=state,
        code_challenge=create_s256_code_challenge(verifier), code_challenge_method="S256",
    )  # fmt: skip
    return Asking(address, redirect, state, verifier)


def finish(way: RotatingRefresh, setting: Setting, asked: Asking, returned: str) -> None:
    """Exchange what the browser brought back, and keep the refresh token. Raises AuthFailed, and then nothing is kept."""
    told = dict(parse_qsl(urlsplit(returned.strip()).query))
    if told.get("state") != asked.state:
        raise AuthFailed("the answer does not belong to this sign-in: its state is another. Sign in again, and paste the whole address")
    if "code" not in told:
        raise AuthFailed(f"the sign-in was refused ({told.get('error_description') or told.get('error') or 'without a reason'})"[:300])
    for name, option in way.consent.tells.items() if way.consent else ():
        if name in told and told[name] != setting.options.get(option):
            raise AuthFailed(f"{name} of the sign-in is {told[name][:60]}, and the option {option} is another: sign in to the one that is set, or change the option")
    setting.learn(told["code"])
    setting.learn(asked.verifier)
    answer = way.exchanged(setting, {"grant_type": "authorization_code", "code": told["code"], "redirect_uri": asked.redirect, "code_verifier": asked.verifier})
    if not answer.get("refresh_token"):
        raise AuthFailed("the server gave no refresh token: its scope must include it, such as offline_access")
    with setting.store.locked():
        way.keep(setting, str(answer["refresh_token"]))


def waited_for(port: int, state: str, ready: Callable[[], None], patience: float = PATIENCE) -> str:
    """The address that the browser comes back to on this machine, once it bears the state; `ready` is called when it can. Raises Unavailable."""
    returned: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_it = urlsplit(self.path).path == CALLBACK and dict(parse_qsl(urlsplit(self.path).query)).get("state") == state
            self.send_response(200 if is_it else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(DONE if is_it else b"")
            if is_it:
                returned.append(self.path)

        def log_message(self, format: str, *args: object) -> None:
            """The address holds the code: it is shown nowhere."""

    try:
        server = HTTPServer(("127.0.0.1", port), Handler)
    except OSError:
        raise Unavailable(f"port {port} of this machine is taken: choose another with --port, and register its address with the app") from None
    with server:
        server.timeout = 1.0
        ready()
        until = time.monotonic() + patience
        while not returned and time.monotonic() < until:
            server.handle_request()
    if not returned:
        raise Unavailable(f"nobody signed in within {patience / 60:.0f} minutes; nothing was changed")
    return returned[0]
