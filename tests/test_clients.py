"""One system with the records of many clients: each workspace keeps its own, nothing of another is ever written, and all are counted."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fake_server import FakeServer, Row, Turned, serving
from small import company, taken_in

from connectors.api.clients import NOBODYS, OTHERS, Clients, Sieve
from connectors.api.errors import BadOptions
from connectors.api.registry import shipped
from connectors.api.spool import Spool
from pipelines.deliveries import deliver
from pipelines.errors import ConfigError
from pipelines.fetch import fetch, history
from pipelines.status import status_of
from pipelines.workspace import Workspace

OWNERS = ("acme", "bluth", "acme", "bluth", "bluth", "")


class Shared(FakeServer):
    """A tracker of a service provider: each issue is a client's, and says whose in every text."""

    owners: Mapping[int, str]

    def value(self, manner: Mapping[str, Any], row: Row) -> tuple[Row, str, Any]:
        row, key, record = super().value(manner, row)
        owner = self.owners.get(row.n, OWNERS[row.n % len(OWNERS)])
        return row, key, {**record, "subject": f"{record['subject']} CANARY-of-{owner or 'nobody'}", "client": {"key": owner} if owner else None}


@pytest.fixture
def provider() -> Iterator[Shared]:
    server = Shared("redmine", Turned())
    server.owners = {}
    with serving(server):
        server.put("issues", 24)
        yield server


def workspace(folder: Path, server: FakeServer, ours: str, field: str = "client.key") -> Path:
    if folder.exists():
        (folder / "plumbline.yml").unlink()
    options = {"url": server.address, "key": "${REDMINE_KEY}"}
    source = {"connector": "redmine", "options": options, "clients": {"ours": ours.split(), **({"field": field} if field else {})}}
    company(folder, {".env": "REDMINE_KEY=CANARY0123456789abcdef\n"}, f"sources: {json.dumps({'desk': source})}\n")
    (folder / ".env").chmod(0o600)
    return folder


def fetched(folder: Path, server: FakeServer) -> list[str]:
    return fetch(Workspace(folder), "2026-02", None, clock=server.time.clock)


def owners_of(folder: Path) -> dict[str, str]:
    """Ticket -> the client it says it is of, for all that count."""
    deliver(Workspace(folder))
    with taken_in(folder, folder / "scratch") as (connection, _):
        found = connection.execute("select ticket_id, title from raw.ticket").fetchall()
    return {ticket: title.rpartition("-of-")[2] for ticket, title in found}


def texts(folder: Path) -> bytes:
    """Every byte of a workspace, apart from what its owner wrote: names of files too."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in {"plumbline.yml", ".env"}]
    return b"\n".join(str(path.relative_to(folder)).encode() + b"\n" + path.read_bytes() for path in files)


def test_no_record_of_one_client_lies_in_the_workspace_of_another(tmp_path: Path, provider: Shared) -> None:
    acme, bluth = (workspace(tmp_path / name, provider, name) for name in ("acme", "bluth"))
    notes = fetched(acme, provider) + fetched(bluth, provider)
    assert notes == ["desk: issues: 4 records tell no client and were not kept; give them one there"] * 2
    assert set(owners_of(acme).values()) == {"acme"}
    assert b"CANARY-of-acme" in texts(acme)
    for folder, others in ((acme, (b"bluth", b"nobody")), (bluth, (b"acme", b"nobody"))):
        assert [one for one in others if b"CANARY-of-" + one in texts(folder)] == []
    reports = [history(folder, "desk")[-1].report for folder in (acme, bluth)]
    assert [(r["rows"], r["other_client"], r["no_client"], r["total"]) for r in reports] == [(8, 12, 4, 24), (12, 8, 4, 24)]
    assert [(s["source"], s["other_client"], s["no_client"]) for s in status_of(acme)["sources"]] == [("desk", 12, 4)]  # type: ignore[attr-defined]
    with taken_in(acme, acme / "scratch") as (connection, _):
        assert connection.execute("select message from audit.delivery where state = 'loaded'").fetchall() == [("records not taken: 12 of other clients, 4 that tell no client",)]


def test_a_record_that_goes_to_another_client_leaves_the_workspace(tmp_path: Path, provider: Shared) -> None:
    acme, bluth = (workspace(tmp_path / name, provider, name) for name in ("acme", "bluth"))
    fetched(acme, provider)
    fetched(bluth, provider)
    provider.time.turn(86400)
    provider.owners = {2: "bluth", 1: "acme", 6: ""}
    for n in (1, 2, 6):
        provider.touch("issues", n)
    assert fetched(acme, provider) == ["desk: issues: 1 records tell no client and were not kept; give them one there"]
    fetched(bluth, provider)
    for folder in (acme, bluth):
        assert owners_of(folder) == {str(n): folder.name for n in range(1, 25) if provider.owners.get(n, OWNERS[n % 6]) == folder.name}


def test_another_list_of_clients_reads_all_anew_and_a_misspelt_one_is_refused(tmp_path: Path, provider: Shared) -> None:
    folder = workspace(tmp_path / "w", provider, "acme")
    fetched(folder, provider)
    provider.time.turn(86400)
    fetched(workspace(folder, provider, "acme bluth"), provider)
    assert [one.report["rows"] for one in history(folder, "desk")] == [8, 20]
    provider.time.turn(86400)
    (note,) = [text for text in fetched(workspace(folder, provider, "acne"), provider) if "--allow-shrink" in text]
    assert "20 of 20 records are no longer there" in note
    assert len(history(folder, "desk")) == 2
    other = workspace(tmp_path / "other", provider, "acne")
    assert any("spelt as the system spells it" in text for text in fetched(other, provider))


def test_a_stream_that_does_not_tell_whose_its_records_are_is_not_read(tmp_path: Path, provider: Shared) -> None:
    with pytest.raises(BadOptions, match=r"issues could not be read: its records do not tell whose they are\. Name the place"):
        fetched(workspace(tmp_path / "w", provider, "acme", ""), provider)
    assert history(tmp_path / "w", "desk") == []


def test_lists_of_other_records_are_those_of_records_that_are_ours() -> None:
    seats = next(stream for stream in shipped()["snipeit"].streams if stream.parent)
    assert Clients(frozenset({"acme"}), "company.name").sieve(seats) is None


def test_a_record_that_changes_hands_while_it_is_read_is_judged_by_its_newest_copy(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "rows", ("id",), (), Sieve("c", frozenset({"a"})))
    records = [{"id": 1, "c": "a"}, {"id": 2, "c": "b"}, {"id": 3, "c": "a"}, {"id": 1, "c": "b"}, {"id": 2, "c": "a"}, {"id": 4, "c": 7}, {"id": 5, "c": " "}]
    for record in records:
        spool.add([json.dumps(record)], [record])
    assert spool.close() == 2
    assert [json.loads(line) for line in (tmp_path / "rows").read_text().splitlines()] == [{"id": 3, "c": "a"}, {"id": 2, "c": "a"}]
    assert sorted(spool.refused.values()) == [NOBODYS, OTHERS, OTHERS]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sources: {desk: {clients: {ours: [a]}}}", "Split it before"),
        ("sources: {desk: {connector: redmine, clients: {ours: []}}}", "clients.ours"),
        ("sources: {desk: {connector: redmine, clients: {ours: [7], feild: x}}}", "Did you mean field"),
    ],
)
def test_wrong_settings_are_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        _ = Workspace(company(tmp_path, {}, f"{text}\n")).settings
