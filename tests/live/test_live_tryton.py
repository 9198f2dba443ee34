"""Tryton, an ERP in Python (GPL 3): invoices of every state, of which only posted ones are spend, pulled as a refresh pulls them."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from pulling import Puller, asking_workspace, fetched
from running import SERVERS, Install, free_port, run, serving
from small import taken_in

from connectors.api.errors import AuthFailed
from connectors.systems.tryton import TRYTON
from pipelines.deliveries import kept as deliveries
from pipelines.workspace import Workspace

pytestmark = pytest.mark.live
SUPPLIERS = ("Zoom", "Figma", "Atlassian", "Müller & Söhne")
STATES = ("posted", "posted", "draft", "posted", "validated", "posted", "cancelled")
ROWS = [(SUPPLIERS[n % 4], str(Decimal("100.10") + n * Decimal("7.33")), STATES[n % 7]) for n in range(33)]
POSTED = [Decimal(amount) for *_, amount, state in ROWS if state == "posted"]



@dataclass(frozen=True)
class Books:
    """A running Tryton and the key of its REST API."""

    address: str
    key: str

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Tryton's own interface."""
        answer = requests.request(method, f"{self.address}/erp/rest/model/{path}", json=body, headers={"Authorization": f"bearer {self.key}"}, timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def workspace(self, folder: Path, key: str | None = None) -> Workspace:
        settings = {"connector": "tryton", "options": {"url": self.address, "database": "erp", "key": "${TRYTON_KEY}"}}
        return asking_workspace(folder, "erp", settings, {"TRYTON_KEY": key or self.key})


@pytest.fixture(scope="module")
def tryton(python_of: Install, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    """A company with 33 supplier invoices of known amounts. An empty database is kept with the packages: making one takes 40 s."""
    programs, folder, port = python_of("tryton", "trytond", "trytond-account-invoice", "proteus"), tmp_path_factory.mktemp("tryton"), free_port()
    settings, empty = folder / "trytond.conf", programs.parent / "empty.sqlite"
    settings.write_text(f"[database]\nuri = sqlite://\npath = {folder}\n[web]\nlisten = 127.0.0.1:{port}\n")
    if empty.exists():
        shutil.copy(empty, folder / "erp.sqlite")
    else:
        (folder / "password").write_text("live-CANARY-password\n")
        (folder / "erp.sqlite").touch()
        admin = [programs / "trytond-admin", "-c", settings, "-d", "erp"]
        run(*admin, "--email", "admin@company.example", "--all", env={"TRYTONPASSFILE": str(folder / "password")})
        run(*admin, "-u", "account_invoice", "--activate-dependencies")
        shutil.copy(folder / "erp.sqlite", empty)
    key = json.loads(run(programs / "python", SERVERS / "tryton_rows.py", settings, "erp", json.dumps(ROWS)).splitlines()[-1])["key"]
    with serving([programs / "trytond", "-c", settings, "-d", "erp"], port, folder) as address:
        yield Books(address, key)


def spend(space: Workspace) -> tuple[int, Decimal, dict[str, int]]:
    """Lines that count, their sum, and what was left out by which rule."""
    with taken_in(space.folder, space.folder / "scratch") as (connection, _):
        (counted,) = connection.execute("select count(*), sum(amount) from raw.spend_line").fetchall()
        rules = connection.execute("select rule, sum(record_count)::int from audit.record where status = 'excluded' group by 1").fetchall()
    return int(counted[0]), counted[1], dict(rules)


def test_posted_invoices_are_spend_and_drafts_are_left_out_by_rule(tryton: Books, tmp_path: Path) -> None:
    space = tryton.workspace(tmp_path)
    assert fetched(space) == []
    drafts, cancelled = sum(state in ("draft", "validated") for *_, state in ROWS), sum(state == "cancelled" for *_, state in ROWS)
    assert spend(space) == (len(POSTED), sum(POSTED), {"draft": drafts, "cancelled": cancelled})

    # A draft is thrown away there, and a validated invoice is posted: the next read tells both.
    found: list[Any] = tryton.ask("GET", "account.invoice?f=state&f=untaxed_amount")
    tryton.ask("DELETE", f"account.invoice/{next(one['id'] for one in found if one['state'] == 'draft')}")
    validated = next(one for one in found if one["state"] == "validated")
    tryton.ask("POST", f"account.invoice/{validated['id']}/post", {})
    assert fetched(space) == []
    more = Decimal(validated["untaxed_amount"]["decimal"])
    assert spend(space) == (len(POSTED) + 1, sum(POSTED) + more, {"draft": drafts - 2, "cancelled": cancelled})
    assert fetched(space) == []
    assert [bool(d.duplicate_of) for d in deliveries(tmp_path) if d.source == "erp"] == [False, False, True]


def test_small_pages_join_to_the_same_invoices(tryton: Books, tmp_path: Path) -> None:
    stream = TRYTON.stream("invoices")
    small = replace(TRYTON, streams=(replace(stream, paging=replace(stream.paging, size=4)),))
    read = {}
    for connector in (TRYTON, small):
        puller = Puller(connector, {"url": tryton.address, "database": "erp", "key": tryton.key}, tmp_path / str(len(read)))
        read[connector.stream("invoices").paging.size] = sorted(puller.pull("invoices"), key=lambda r: r["id"])
    assert read[4] == read[100]
    assert len(read[4]) > 30


def test_a_wrong_key_ends_the_read_and_is_not_shown(tryton: Books, tmp_path: Path) -> None:
    with pytest.raises(AuthFailed) as failed:
        fetched(tryton.workspace(tmp_path, key="CANARY-no-such-key"))
    assert failed.value.exit_code == 4
    assert "CANARY" not in str(failed.value)
