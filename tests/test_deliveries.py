"""Deliveries: what a refresh read is kept, once, whole, and in an order that no clock decides."""

import hashlib
import json
import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from small import NOON, company, lines, put, python, rows, taken_in

from pipelines import deliveries
from pipelines.deliveries import EXPORTS, copy, deliver, inputs, kept, natural
from pipelines.errors import ConfigError, DataRejected
from pipelines.workspace import Workspace

BILLS = lines("d1,1,2026-01-05,Acme,100.00,EUR", "d2,1,2026-01-06,Beta,7.50,EUR")


def delivered(folder: Path, days: int = 0) -> list[str]:
    """The files newly kept, in their order; those of exports only."""
    return [d.file.removeprefix("exports/") for d in deliver(Workspace(folder), NOON + timedelta(days=days)) if d.home == EXPORTS]


def test_original_bytes_and_manifest_are_kept(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"exports/erp/bills.csv": BILLS})
    deliver(Workspace(folder), NOON)
    (bills,) = [d for d in kept(folder) if d.home == EXPORTS]
    put(folder, "exports/erp/bills.csv", "")
    assert bills.path(folder).read_text() == BILLS
    assert bills.sha256 == hashlib.sha256(BILLS.encode()).hexdigest()
    assert json.loads(bills.path(folder).with_name("manifest.json").read_text()) == {
        "delivery_id": bills.delivery_id, "sequence": bills.sequence, "home": "exports", "source": "erp", "file": "exports/erp/bills.csv",
        "sha256": bills.sha256, "size": len(BILLS), "received_at": "2026-02-03T12:00:00+00:00", "duplicate_of": None, "is_absent": False,
        "kept_under": None,
    }  # fmt: skip


def test_settings_strategy_and_profiles_are_delivered_too(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {})
    homes = {d.file: (d.home, d.source) for d in deliver(Workspace(folder), NOON)}
    assert homes["plumbline.yml"] == ("settings", "settings")
    assert homes["strategy/priorities.csv"] == ("strategy", "priority")
    assert homes["decisions/mapping.csv"] == ("decisions", "mapping")
    assert deliver(Workspace(folder), NOON) == []


@pytest.mark.parametrize(("first", "second"), [("erp/bills.csv", "erp/bills (1).csv"), ("bills.csv", "card/renamed.csv")])
def test_the_same_bytes_under_two_names_count_once_and_are_listed(tmp_path: Path, first: str, second: str) -> None:
    folder = company(tmp_path / "w", {f"exports/{first}": BILLS})
    with taken_in(folder, tmp_path / "scratch"):
        pass
    put(folder, f"exports/{second}", BILLS)
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select count(*), sum(amount)::varchar from raw.spend_line") == [(2, "107.500000000000")]
        ((original, file),) = rows(connection, "select delivery_id, source_file from audit.delivery where home = 'exports' and state = 'loaded'")
        assert file == f"exports/{first}"
        found = rows(connection, "select source_file, message from audit.delivery where state = 'duplicate'")
        assert found == [(f"exports/{second}", f"the same bytes as {original}")]


def test_a_changed_file_is_a_new_delivery_and_the_old_one_stays(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"exports/erp/bills.csv": BILLS})
    assert delivered(folder) == ["erp/bills.csv"]
    assert delivered(folder) == []
    put(folder, "exports/erp/bills.csv", BILLS.replace("7.50", "8.50"))
    assert delivered(folder) == ["erp/bills.csv"]
    put(folder, "exports/erp/bills.csv", BILLS)
    assert delivered(folder) == ["erp/bills.csv"], "back to the first bytes: the newest, not a duplicate of the oldest"
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select sum(amount)::varchar from raw.spend_line") == [("107.500000000000",)]
    assert [d.path(folder).read_text().count("7.50") for d in kept(folder) if d.home == EXPORTS] == [1, 0, 1]


def test_a_file_under_exports_that_is_taken_away_still_counts(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"exports/erp/bills.csv": BILLS})
    delivered(folder)
    (folder / "exports/erp/bills.csv").unlink()
    assert delivered(folder) == []
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select count(*) from raw.spend_line") == [(2,)]


def test_a_strategy_file_that_is_taken_away_no_longer_counts(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"strategy/priorities.csv": "priority_id,name,theme,weight\np1,Grow,growth,1\n"})
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select priority_id from raw.priority") == [("p1",)]
    (folder / "strategy/priorities.csv").unlink()
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select priority_id from raw.priority") == []
    assert [d.is_absent for d in kept(folder) if d.source == "priority"] == [False, True]
    put(folder, "strategy/priorities.csv", "priority_id,name,theme,weight\np1,Grow,growth,1\n")
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select priority_id from raw.priority") == [("p1",)]


def test_only_regular_files_are_taken(tmp_path: Path) -> None:
    outside = put(tmp_path, "elsewhere/bills.csv", BILLS)
    for name, make in {
        "link.csv": lambda path: path.symlink_to(outside),
        "folder": lambda path: path.symlink_to(outside.parent, target_is_directory=True),
        "dangling.csv": lambda path: path.symlink_to(tmp_path / "nothing"),
        "pipe.csv": os.mkfifo,
    }.items():
        folder = company(tmp_path / f"w-{name}", {})
        make(folder / "exports" / name)
        with pytest.raises(DataRejected, match=f"exports/{name} is a link, a pipe or a device. Put the file itself there."):
            deliver(Workspace(folder), NOON)


def test_a_dangling_link_in_strategy_is_no_absent_file(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {})
    (folder / "strategy/kpis.csv").unlink()
    (folder / "strategy/kpis.csv").symlink_to(tmp_path / "nothing")
    with pytest.raises(DataRejected, match=r"strategy/kpis\.csv is a link"):
        deliver(Workspace(folder), NOON)


def test_files_of_the_system_and_of_open_programs_are_no_exports(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"exports/.DS_Store": "x", "exports/.hidden/a.csv": "x", "exports/erp/~$bills.xlsx": "x", "exports/erp/a.csv": BILLS})
    assert delivered(folder) == ["erp/a.csv"]


def test_a_file_that_is_still_being_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, "bills.csv", BILLS)
    monkeypatch.setattr(deliveries.os, "fsync", lambda _: path.write_text(BILLS + "d3,1,2026-01-07,Late,1,EUR\n"))
    with pytest.raises(DataRejected, match=r"changed while it was read. Wait until it is written"):
        copy(path, tmp_path / "copy")


def test_a_file_called_manifest_is_kept_beside_the_manifest(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"exports/erp/manifest.json": '[{"a": 1}]'})
    deliver(Workspace(folder), NOON)
    (found,) = [d for d in kept(folder) if d.home == EXPORTS]
    assert found.path(folder).read_text() == '[{"a": 1}]'


DELIVER = "import sys; from pathlib import Path; from pipelines.deliveries import deliver; from pipelines.workspace import Workspace; deliver(Workspace(Path(sys.argv[1])))"


@pytest.mark.parametrize(("point", "manifests"), [("deliver:synced", 0), ("deliver:renamed", 1)])
def test_killed_between_two_steps_the_next_run_is_right(tmp_path: Path, point: str, manifests: int) -> None:
    folder = company(tmp_path / "w", {"exports/erp/a.csv": BILLS, "exports/erp/b.csv": lines("d3,1,2026-01-07,Late,1,EUR")})
    killed = python(DELIVER, folder, PLUMBLINE_CRASH_AT=point)
    assert killed.returncode == -signal.SIGKILL
    assert len(kept(folder)) == manifests
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select count(*), sum(amount)::varchar from raw.spend_line") == [(3, "108.500000000000")]
    found = kept(folder)
    assert [d.sequence for d in found] == list(range(1, len(found) + 1))
    assert len({d.file for d in found}) == len(found)
    assert not (folder / "deliveries/.incoming").exists()


def test_the_order_is_the_sequence_not_the_clock(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"exports/erp/bills.csv": lines("d1,1,2026-01-05,Acme,100,EUR")})
    delivered(folder, days=30)
    put(folder, "exports/erp/bills.csv", lines("d1,1,2026-01-05,Acme,90,EUR"))
    delivered(folder, days=-400)
    first, second = [d for d in kept(folder) if d.home == EXPORTS]
    assert (first.sequence < second.sequence, first.received_at > second.received_at) == (True, True)
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select amount::int from raw.spend_line") == [(90,)]


def test_what_was_known_on_a_day(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"exports/erp/a.csv": BILLS, "strategy/priorities.csv": "priority_id,name,theme,weight\np1,Grow,growth,1\n"})
    deliver(Workspace(folder), NOON)
    put(folder, "exports/erp/b.csv", lines("d9,1,2026-01-09,New,1,EUR"))
    put(folder, "strategy/priorities.csv", "priority_id,name,theme,weight\np2,Save,cost,1\n")
    deliver(Workspace(folder), NOON + timedelta(days=1))
    then, now = inputs(kept(folder), NOON.date()), inputs(kept(folder))
    assert [d.file for d in then["exports", "erp"]] == ["exports/erp/a.csv"]
    assert [d.file for d in now["exports", "erp"]] == ["exports/erp/a.csv", "exports/erp/b.csv"]
    assert then["strategy", "priority"] != now["strategy", "priority"]
    assert len(now["strategy", "priority"]) == 1


@pytest.mark.parametrize("name", ["strategy/priorites.csv", "decisions/mappings.csv", "strategy/priorities.xlsx", "strategy/priorities.yml"])
def test_an_unknown_file_among_those_people_edit_is_an_error(tmp_path: Path, name: str) -> None:
    folder = company(tmp_path / "w", {name: "x"})
    with pytest.raises(ConfigError, match=f"{name}: Plumbline knows no such file here. It knows .*priorities.csv"):
        deliver(Workspace(folder), NOON)


def test_notes_beside_them_are_nobodys_business(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"strategy/NOTES.md": "x", "strategy/.priorities.csv.swp": "x"})
    assert deliver(Workspace(folder), NOON)


def test_parts_are_read_in_the_order_people_number_them(tmp_path: Path) -> None:
    names = ["part 10.csv", "part 2.csv", "part 1.csv", "part 1²3.csv", "Part 1.csv"]
    folder = company(tmp_path / "w", {f"exports/x/{name}": lines(f"{n},1,2026-01-05,A,1,EUR") for n, name in enumerate(names)})
    assert delivered(folder) == ["x/Part 1.csv", "x/part 1.csv", "x/part 1²3.csv", "x/part 2.csv", "x/part 10.csv"]
    assert natural("2026-9") < natural("2026-10")


@pytest.mark.parametrize(
    "names",
    [
        ("jan.csv", "feb.csv", "mar.csv"),
        ("Users December 2025.xlsx", "Users January 2026.xlsx"),
        ("report_12-2025.csv", "report_01-2026.csv", "report_11-2026.csv"),
        ("hr 20251231.csv", "hr 20260131.csv", "hr 20260228.csv"),
        ("2025_Dez.csv", "2026_Mai.csv", "2026_Okt.csv"),
        ("part 2.csv", "part 10.csv"),
        ("bills.csv", "bills (1).csv", "bills (2).csv"),
        ("a/decemberists.csv", "a/marvel.csv"),
    ],
)
def test_what_is_first_seen_together_came_in_the_order_of_its_months(names: tuple[str, ...]) -> None:
    seen = names[::-1]
    assert tuple(sorted(seen, key=natural)) == names


@pytest.mark.parametrize(
    ("file", "settings", "source"),
    [
        ("erp/2026/bills.csv", "", "erp"),
        ("ERP Berlin/bills.csv", "", "erp_berlin"),
        ("bills_2026-01.csv", "", "bills"),
        ("2026-01.csv", "", "source"),
        ("bills_2026-01.csv", 'sources: {ap: {files: "bills*.csv"}}\n', "ap"),
        ("erp/bills_2026-01.csv", 'sources: {ap: {files: "erp/*"}}\n', "ap"),
    ],
)
def test_the_source_is_the_settings_the_folder_or_the_name(tmp_path: Path, file: str, settings: str, source: str) -> None:
    folder = company(tmp_path / "w", {f"exports/{file}": BILLS}, settings)
    deliver(Workspace(folder), NOON)
    assert [d.source for d in kept(folder) if d.home == EXPORTS] == [source]


def test_settings_can_give_a_delivered_file_to_another_source(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {"exports/bills_2026-01.csv": BILLS})
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select distinct source from raw.spend_line") == [("bills",)]
    with (folder / "plumbline.yml").open("a") as file:
        file.write('sources: {ap: {files: "bills*.csv"}}\n')
    with taken_in(folder, tmp_path / "scratch") as (connection, _):
        assert rows(connection, "select source, count(*) from raw.spend_line group by all") == [("ap", 2)]


def test_a_damaged_manifest_is_named(tmp_path: Path) -> None:
    folder = company(tmp_path / "w", {})
    deliver(Workspace(folder), NOON)
    manifest = next((folder / "deliveries").glob("settings/*/manifest.json"))
    manifest.write_text('{"delivery_id": ')
    with pytest.raises(DataRejected, match=r"manifest.json: the manifest can't be read .* Restore it from a backup"):
        kept(folder)
