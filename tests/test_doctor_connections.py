"""What `plumbline doctor` says of connected systems: secrets without showing them, the server, permissions, tokens, and how far each read reached."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_server import FakeServer, Turned, answered, serving
from small import company

from connectors.api.waiting import Clock
from pipelines.doctor import Probe, examine
from pipelines.fetch import connection, fetch
from pipelines.workspace import Workspace


@pytest.fixture
def redmine() -> Iterator[FakeServer]:
    with serving(FakeServer("redmine", Turned())) as server:
        server.put("issues", 12)
        yield server


def workspace(folder: Path, address: str, secret: str = "CANARY0123456789abcdef") -> Path:
    company(folder, {".env": f"REDMINE_KEY={secret}\n"} if secret else {}, f"sources: {{desk: {{connector: redmine, options: {{url: '{address}', key: '${{REDMINE_KEY}}'}}}}}}\n")
    if secret:
        (folder / ".env").chmod(0o600)
    return folder


def probes(folder: Path, clock: Clock, source: str = "desk", offline: bool = False) -> dict[str, Probe]:
    found = [one for one in examine(folder, offline, clock) if one.name.startswith(f"{source}: ")]
    assert "CANARY" not in str(found)
    return {one.name.removeprefix(f"{source}: "): one for one in found}


def test_a_source_that_works_says_how_far_it_was_read(tmp_path: Path, redmine: FakeServer) -> None:
    folder, clock = workspace(tmp_path, redmine.address), redmine.time.clock
    first = probes(folder, clock)
    assert {name: one.ok for name, one in first.items()} == {"secrets": True, "credentials": True, "clock": True, "issues": True}
    assert first["secrets"].detail == "key given"
    assert first["issues"].detail.endswith("on the first page of 12; never read yet")
    fetch(Workspace(folder), "2026-02", None, clock=clock)
    redmine.time.turn(3 * 86400)
    asked = len(redmine.seen)
    later = probes(folder, clock, offline=True)
    assert later["issues"].detail == "last read 2026-03-05, 3 days ago, 12 records; changes up to 2026-03-02 13:17 UTC, 5 days ago"
    assert later["server"].detail == "not asked, since --offline was given"
    assert len(redmine.seen) == asked


def test_a_missing_permission_is_told_by_stream(tmp_path: Path, redmine: FakeServer) -> None:
    redmine.always = lambda server, page: answered(403, {"error": "no"})
    found = probes(workspace(tmp_path, redmine.address), redmine.time.clock)
    assert (found["credentials"].ok, found["issues"].ok) == (True, False)
    assert "It needs: View issues, in each project" in found["issues"].detail


def test_wrong_credentials_are_told_and_nothing_more_is_asked(tmp_path: Path, redmine: FakeServer) -> None:
    found = probes(workspace(tmp_path, redmine.address, "CANARY-wrong"), redmine.time.clock)
    assert not found["credentials"].ok
    assert "HTTP 401" in found["credentials"].detail
    assert redmine.count == 0


def test_a_secret_that_is_missing_and_a_server_that_is_not_there_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDMINE_KEY", raising=False)
    (secrets,) = probes(workspace(tmp_path / "a", "https://r.example", ""), Clock()).values()
    assert not secrets.ok
    assert "REDMINE_KEY is not set" in secrets.detail
    found = probes(workspace(tmp_path / "b", "http://127.0.0.1:9"), Clock())
    assert (found["server"].ok, found["issues"].detail) == (False, "never read yet")
    assert found["server"].detail == "127.0.0.1 can't be reached (Connection refused). The network may be off; with --offline no system is asked"


def test_the_age_of_a_token_is_told(tmp_path: Path) -> None:
    options = "{realm: '77', client_id: app, client_secret: '${QB_SECRET}'}"
    company(tmp_path, {".env": "QB_SECRET=CANARY-secret\n"}, f"sources: {{books: {{connector: quickbooks, options: {options}}}}}\n")
    (tmp_path / ".env").chmod(0o600)
    clock = Turned().clock
    assert probes(tmp_path, clock, "books", offline=True)["token"] == Probe("books: token", False, "there is no refresh token. Run `plumbline connect auth books --sign-in`")
    store = connection(Workspace(tmp_path), "books").store
    store.write({"refresh_token": "CANARY-token", "since": "2026-02-03T12:00:00+00:00"})
    assert probes(tmp_path, clock, "books", offline=True)["token"].detail == "a refresh token of 2026-02-03, 30 days ago"
    store.path.chmod(0o644)
    assert "chmod 600" in probes(tmp_path, clock, "books", offline=True)["token"].detail
