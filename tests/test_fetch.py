"""From plumbline.yml to a published month: a source that is asked, kept, and rebuilt without asking."""

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from fake_server import FakeServer, Turned, answered, serving
from small import company, taken_in

from connectors.api.errors import AuthFailed, Unavailable
from connectors.api.reports import Asked
from pipelines.connecting import add, discover, listed, plan, tried
from pipelines.deliveries import deliver, kept
from pipelines.errors import ConfigError, UsageError
from pipelines.fetch import ASKED, fetch, history, state_of
from pipelines.workspace import Workspace, init_workspace


@pytest.fixture
def redmine() -> Iterator[FakeServer]:
    with serving(FakeServer("redmine", Turned())) as server:
        server.put("issues", 12)
        yield server


def workspace(folder: Path, server: FakeServer, more: str = "") -> Workspace:
    company(folder, {".env": "REDMINE_KEY=CANARY0123456789abcdef\n"}, settings_of(server, more))
    (folder / ".env").chmod(0o600)
    return Workspace(folder)


def settings_of(server: FakeServer, more: str = "") -> str:
    return f"sources:\n  helpdesk:\n    connector: redmine\n    cadence: monthly\n    options: {{url: '{server.address}', key: '${{REDMINE_KEY}}'}}\n{more}"


def fetched(space: Workspace, server: FakeServer) -> list[str]:
    return fetch(Workspace(space.folder), "2026-02", None, clock=server.time.clock)


def tickets(space: Workspace) -> list[tuple[object, ...]]:
    with taken_in(space.folder, space.folder / "scratch") as (connection, _):
        return connection.execute("select ticket_id, title, source from raw.ticket order by cast(ticket_id as int)").fetchall()


def test_what_is_fetched_is_delivered_and_read_by_its_profile(tmp_path: Path, redmine: FakeServer) -> None:
    space = workspace(tmp_path, redmine)
    assert fetched(space, redmine) == []
    deliver(space)
    assert [(row[0], row[2]) for row in tickets(space)] == [(str(n), "helpdesk") for n in range(1, 13)]
    redmine.time.turn(86400)
    redmine.touch("issues", 3)
    redmine.put("issues", 1, start=redmine.time.at)
    assert fetched(space, redmine) == []
    found = tickets(space)
    assert len(found) == 13
    assert found[2][1] == "Month-end export slow 3 r2"


def test_state_and_rows_are_kept_by_one_rename_and_equal_rows_once(tmp_path: Path, redmine: FakeServer) -> None:
    space = workspace(tmp_path, redmine)
    fetched(space, redmine)
    (first,) = history(tmp_path, "helpdesk")
    assert first.delivery.path(tmp_path).read_text(encoding="utf-8").count("\n") == 12
    assert first.report["outcome"] == "ok"
    redmine.time.turn(60)
    fetched(space, redmine)
    fetched(space, redmine)
    assert [one.delivery.duplicate_of is None for one in history(tmp_path, "helpdesk")] == [True, True, False]
    assert not (tmp_path / "deliveries" / ".fetching").exists()


def test_a_failed_source_keeps_the_last_good_rows_and_is_told(tmp_path: Path, redmine: FakeServer) -> None:
    space = workspace(tmp_path, redmine)
    fetched(space, redmine)
    state = state_of(history(tmp_path, "helpdesk"), "issues")
    redmine.always = lambda server, page: answered(403, {"error": "no"})
    (note,) = fetched(space, redmine)
    assert "issues was skipped for want of permission" in note
    assert "View issues, in each project" in note
    assert "the last good read is of 2026-03-05" in note
    assert state_of(history(tmp_path, "helpdesk"), "issues") == state
    assert len(tickets(space)) == 12


@pytest.mark.parametrize(("status", "error", "code"), [(401, AuthFailed, 4), (501, Unavailable, 5)])
def test_where_nothing_could_be_read_and_nothing_is_there_the_refresh_ends(tmp_path: Path, redmine: FakeServer, status: int, error: type[Exception], code: int) -> None:
    space = workspace(tmp_path, redmine)
    redmine.manner["accepts"] = {"X-Redmine-API-Key": "another"}
    redmine.manner["refused"] = {"status": status, "body": "no"}
    with pytest.raises(error) as failed:
        fetched(space, redmine)
    assert failed.value.exit_code == code  # type: ignore[attr-defined]
    (tmp_path / "exports" / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert len(fetched(space, redmine)) == 1


def test_nothing_is_asked_without_a_connector_or_as_known_on_a_day(tmp_path: Path, redmine: FakeServer) -> None:
    init_workspace(tmp_path / "plain")
    assert fetch(Workspace(tmp_path / "plain"), "2026-02", None) == []
    space = workspace(tmp_path / "own", redmine)
    assert fetch(space, "2026-02", redmine.time.at.date()) == []
    assert redmine.seen == []


def test_full_reads_all_anew(tmp_path: Path, redmine: FakeServer) -> None:
    space = workspace(tmp_path, redmine)
    fetched(space, redmine)
    redmine.time.turn(86400)
    token = ASKED.set(Asked(full=True))
    try:
        fetched(space, redmine)
    finally:
        ASKED.reset(token)
    assert history(tmp_path, "helpdesk")[-1].report["rows"] == 12


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("{url: 'https://r.example', key: secret-in-file}", "a secret must not stand in this file"),
        ("{url: 'https://r.example', key: '${NOT_SET_ANYWHERE}'}", "NOT_SET_ANYWHERE is not set"),
        ("{url: 'https://r.example'}", "options.key is missing"),
        ("{url: 'r.example', key: '${REDMINE_KEY}'}", "can't be"),
        ("{url: 'http://r.example', key: '${REDMINE_KEY}'}", "https://"),
        ("{url: 'https://r.example', key: '${REDMINE_KEY}', user: me}", "has no user"),
    ],
)
def test_wrong_options_are_told(tmp_path: Path, redmine: FakeServer, options: str, said: str) -> None:
    company(tmp_path, {".env": "REDMINE_KEY=CANARY0123456789abcdef\n"}, f"sources: {{desk: {{connector: redmine, options: {options}}}}}\n")
    (tmp_path / ".env").chmod(0o600)
    with pytest.raises(Exception, match=said) as failed:
        fetch(Workspace(tmp_path), "2026-02", None)
    assert failed.value.exit_code == 3  # type: ignore[attr-defined]
    assert "secret-in-file" not in str(failed.value)


def test_settings_are_read_without_the_secrets_of_connections(tmp_path: Path) -> None:
    company(tmp_path, {}, "sources: {desk: {connector: redmine, options: {url: 'https://r.example', key: '${NOT_SET_ANYWHERE}'}}}\n")
    assert Workspace(tmp_path).settings.sources["desk"].options["key"] == "${NOT_SET_ANYWHERE}"


def test_a_connection_is_added_tried_looked_at_and_planned(tmp_path: Path, redmine: FakeServer) -> None:
    init_workspace(tmp_path)
    said = add(tmp_path, "desk", "redmine", {"url": redmine.address}, None)
    assert "DESK_KEY" in said
    with pytest.raises(ConfigError, match="already"):
        add(tmp_path, "desk", "redmine", {}, None)
    with pytest.raises(UsageError, match="Did you mean redmine"):
        add(tmp_path, "tracker", "redmin", {}, None)
    (tmp_path / ".env").write_text("DESK_KEY=CANARY0123456789abcdef\n", encoding="utf-8")
    (tmp_path / ".env").chmod(0o600)
    space = Workspace(tmp_path)
    assert [one["sources"] for one in listed(space) if one["connector"] == "redmine"] == [["desk"]]
    assert [(probe.name, probe.ok) for probe in tried(space, "desk", redmine.time.clock)] == [("credentials", True), ("clock", True), ("issues", True)]
    (look,) = discover(space, "desk", 2, redmine.time.clock)
    assert (look["feeds"], look["available"], len(look["records"])) == ("ticket", "available", 2)
    assert "tracker.name" in look["columns"]
    assert "PRIVATE" not in json.dumps(look)
    asked = len(redmine.seen)
    assert plan(space, False) == ["desk issues: GET /issues.json, changes since the beginning, at least 1 requests"]
    assert len(redmine.seen) == asked
    fetch(space, "2026-02", None, clock=redmine.time.clock)
    assert "changes since 2026-03-0" in plan(space, False)[0]
    assert "CANARY" not in json.dumps(look) + said


def test_a_connector_of_the_workspace_is_found(tmp_path: Path) -> None:
    init_workspace(tmp_path)
    own = tmp_path / "extensions" / "connectors"
    own.mkdir(parents=True)
    (own / "mine.py").write_text(
        "from dataclasses import replace\nfrom connectors.systems.redmine import REDMINE\nMINE = replace(REDMINE, name='mine', title='Mine')\n", encoding="utf-8"
    )  # fmt: skip
    assert "mine" in {one["connector"] for one in listed(Workspace(tmp_path))}


@pytest.mark.parametrize("system", ["snipeit"])
def test_a_list_that_hangs_on_another_feeds_its_contract(tmp_path: Path, system: str) -> None:
    with serving(FakeServer(system, Turned())) as server:
        server.put("licenses", 7)
        server.put("suppliers", 2)
        company(tmp_path, {".env": "TOKEN=CANARY-secret+token/1\n"}, f"sources: {{assets: {{connector: snipeit, options: {{url: '{server.address}', token: '${{TOKEN}}'}}}}}}\n")
        (tmp_path / ".env").chmod(0o600)
        assert fetch(Workspace(tmp_path), "2026-02", None, clock=server.time.clock) == []
        deliver(Workspace(tmp_path))
        with taken_in(tmp_path, tmp_path / "scratch") as (connection, _):
            assert count(connection, "licence") == 7
            assert count(connection, "vendor") == 2
            assert connection.execute("select count(*), count(distinct tool_name) from raw.usage").fetchone() == (21, 7)
            assert connection.execute("select min(tool_name) from raw.licence").fetchone() == ("Photoshop & Acrobat 1 r1",)
    assert all(d.sha256 for d in kept(tmp_path))


def count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int((connection.execute(f"select count(*) from raw.{table}").fetchone() or (0,))[0])
