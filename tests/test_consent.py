"""Signing in as a person: the code comes back to this machine or is pasted, is exchanged with its proof, and only then a token is kept."""

import base64
import hashlib
import http.client
import json
import socket
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from fake_server import Answer, FakeServer, Turned, answered, serving
from small import company

from connectors.api.auth import Setting
from connectors.api.errors import AuthFailed, Unavailable
from connectors.api.registry import shipped
from connectors.api.tokens import TokenStore
from connectors.api.waiting import Clock
from pipelines.connecting import sign_in
from pipelines.errors import UsageError
from pipelines.fetch import Connection, connection
from pipelines.workspace import Workspace

OWN = """
from connectors.api import Check, Connector, Consent, Option, RotatingRefresh, Stream

LEDGER = Connector(
    name="ledger", title="Ledger", about="Things.", base="{url}", check=Check("me", "id"),
    auth=RotatingRefresh("{url}/token", "{client}", "{secret}", consent=Consent("{url}/consent", "read offline_access", {"realmId": "realm"})),
    options=(Option("url", "Address."), Option("realm", "Company."), Option("client", "Client."), Option("secret", "Secret.", secret=True), Option("refresh_token", "Token.", secret=True, required=False)),
    streams=(Stream("things", "things", "things", "none", "none"),), credentials=(), limits="",
)
"""


class Provider(FakeServer):
    """A system that gives codes to people who consent, and tokens for a code whose proof fits what was asked with."""

    def __init__(self) -> None:
        self.time, self.address, self.body = Turned(), "", b""
        self.challenge, self.redirect, self.grants = "", "", 0

    def consents(self, address: str, **changed: str) -> str:
        """A person says yes: the address that the browser is led to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert (asked["response_type"], asked["client_id"], asked["scope"], asked["code_challenge_method"]) == ("code", "app-1", "read offline_access", "S256")
        self.challenge, self.redirect = asked["code_challenge"], asked["redirect_uri"]
        return f"{self.redirect}?{urlencode({'code': 'CANARY-code', 'state': asked['state'], 'realmId': '77', **changed})}"

    def answer(self, path: str, query: dict[str, str], headers: Mapping[str, str]) -> Answer:
        if path != "/token":
            return answered(200, {"id": 1}) if headers.get("Authorization") == f"Bearer CANARY-access-{self.grants}" else answered(401, {})
        form = dict(parse_qsl(self.body.decode()))
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        by_code = {"grant_type": "authorization_code", "code": "CANARY-code", "redirect_uri": self.redirect}.items() <= form.items() and proof == self.challenge
        if not by_code and form.get("refresh_token") != f"CANARY-refresh-{self.grants}":
            return answered(400, {"error": "invalid_grant"})
        self.grants += 1
        return answered(200, {"access_token": f"CANARY-access-{self.grants}", "refresh_token": f"CANARY-refresh-{self.grants}", "expires_in": 3600})


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving(Provider()) as server:
        yield server  # type: ignore[misc]


def ledger(folder: Path, server: Provider) -> Connection:
    options = {"url": server.address, "realm": "77", "client": "app-1", "secret": "${LEDGER_SECRET}"}
    files = {".env": "LEDGER_SECRET=CANARY-secret\n", "extensions/connectors/ledger.py": OWN}
    company(folder, files, f"sources: {json.dumps({'books': {'connector': 'ledger', 'options': options}})}\n")
    (folder / ".env").chmod(0o600)
    return connection(Workspace(folder), "books")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def unasked() -> str:
    raise AssertionError("nothing is to be pasted here")


def browser(provider: Provider, *returns: dict[str, str]) -> Callable[[str], None]:
    """Comes back to this machine once for each of `returns`, which change what is brought."""

    def show(address: str) -> None:
        def come_back() -> None:
            for changed in returns:
                parts = urlsplit(provider.consents(address, **changed))
                there = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=5)
                there.request("GET", f"{changed.get('path', parts.path)}?{parts.query}")
                there.getresponse().read()
                there.close()

        threading.Thread(target=come_back, daemon=True).start()

    return show


def test_a_person_signs_in_once_and_the_token_rotates_from_then_on(tmp_path: Path, provider: Provider) -> None:
    one = ledger(tmp_path, provider)
    with pytest.raises(AuthFailed, match=r"no refresh token yet\. Run `plumbline connect auth` with the source's name and --sign-in"):
        one.open(provider.time.clock).check()
    show = browser(provider, {"state": "another"}, {"path": "/favicon.ico"}, {})
    sign_in(one, free_port(), "", show, unasked, provider.time.clock)
    kept = json.loads(one.store.path.read_text(encoding="utf-8"))
    assert (kept["refresh_token"], kept["since"], stat.S_IMODE(one.store.path.stat().st_mode)) == ("CANARY-refresh-1", "2026-03-05T12:00:00+00:00", 0o600)
    for grants in (2, 3):
        connection(Workspace(tmp_path), "books").open(provider.time.clock).check()
        assert provider.grants == grants


def test_where_the_system_takes_no_address_of_this_machine_it_is_pasted(tmp_path: Path, provider: Provider) -> None:
    shown: list[str] = []
    sign_in(ledger(tmp_path, provider), 0, "https://acme.example/back", shown.append, lambda: f" {provider.consents(shown[0])}\n", provider.time.clock)
    assert provider.redirect == "https://acme.example/back"
    assert provider.grants == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"state": "another"}, "does not belong to this sign-in"),
        ({"realmId": "78"}, "realmId of the sign-in is 78, and the option realm is another"),
        ({"code": "CANARY-other"}, "HTTP 400"),
        ({"code": "", "error": "access_denied"}, r"refused \(access_denied\)"),
    ],
)
def test_what_is_not_ours_is_refused_and_nothing_is_kept(tmp_path: Path, provider: Provider, changed: dict[str, str], said: str) -> None:
    one, shown = ledger(tmp_path, provider), list[str]()
    with pytest.raises(AuthFailed, match=said) as failed:
        sign_in(one, 0, "https://acme.example/back", shown.append, lambda: provider.consents(shown[0], **changed), provider.time.clock)
    assert "CANARY" not in str(failed.value)
    assert not one.store.path.exists()


def test_a_port_that_is_taken_and_a_system_without_consent_are_told(tmp_path: Path, provider: Provider) -> None:
    port = urlsplit(provider.address).port
    with pytest.raises(Unavailable, match=f"port {port} of this machine is taken"):
        sign_in(ledger(tmp_path, provider), port or 0, "", print, unasked, provider.time.clock)
    company(tmp_path / "other", {}, "sources: {desk: {connector: redmine, options: {url: 'https://r.example', key: '${NAME:-key12345}'}}}\n")
    with pytest.raises(UsageError, match="Leave --sign-in out"):
        sign_in(connection(Workspace(tmp_path / "other"), "desk"), 0, "", print, unasked)


def test_a_token_that_is_kept_chooses_the_way(tmp_path: Path) -> None:
    forms: list[Any] = []
    options, store = {"client_id": "a", "client_secret": "b-secret", "refresh_token": ""}, TokenStore(tmp_path / "x.json")
    setting = Setting(options, lambda url, **given: forms.append(given["form"]["grant_type"]) or {"access_token": "access"}, store, Clock(), lambda _: None)
    shipped()["xero"].auth.live(setting).renew()  # type: ignore[attr-defined]
    store.write({"refresh_token": "kept-token", "origin": hashlib.sha256(b"").hexdigest()})
    shipped()["xero"].auth.live(setting).renew()  # type: ignore[attr-defined]
    assert forms == ["client_credentials", "refresh_token"]
