"""The command line: its exit codes, what it says and to whom, and JSON that programs can read."""

import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
from small import ROOT, company, lines, put, without_expectations  # noqa: F401 - a fixture

from pipelines.build import columns_of
from pipelines.cli import run
from pipelines.lock import workspace_lock
from pipelines.refresh import Refreshed
from pipelines.settings import Hook

MONTH = "2026-01"
BILLS = lines("d1,1,2026-01-05,Acme,100.10,EUR", "d2,1,2026-01-06,Beta,7.50,EUR")


class Said(NamedTuple):
    """What a command left: its exit code, what is for programs, what is for people."""

    code: int
    out: str
    err: str


Call = Callable[..., Said]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def run_and_read(*arguments: object) -> Said:
        code = run([str(argument) for argument in arguments])
        return Said(code, *capsys.readouterr())

    return run_and_read


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory: pytest.TempPathFactory, without_expectations: None) -> Path:  # noqa: F811
    """A company with a month published from the command line."""
    folder = company(tmp_path_factory.mktemp("cli") / "w", {"exports/erp/bills.csv": BILLS})
    assert run(["refresh", "-C", str(folder), "--month", MONTH]) == 0
    return folder


# ------------------------------------------------------------------------------------------------ words that make no sense


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["refesh"], 2, "No such command 'refesh'. Did you mean 'refresh'?"),
        (["refresh", "--mont", "2026-01"], 2, "No such option: --mont"),
        (["refresh", "-C", "W", "--month", "2026-13"], 2, "'2026-13' is not a month. Write it as YYYY-MM, such as 2026-10."),
        (["refresh", "-C", "W", "--as-known-on", "soon"], 2, "'soon' is not a day. Write it as YYYY-MM-DD."),
        (["close", "January", "-C", "W"], 2, "'January' is not a month."),
        (["close"], 2, "Missing argument"),
        (["close", "2026-01", "-C", "W", "--accept-missing", "card"], 2, "--reason"),
        (["close", "2026-02", "-C", "W"], 2, "2026-02 is not published yet. Run `plumbline refresh --month 2026-02` first."),
        (["close", "2026-01", "-C", "W", "--accept-missing", "card", "--reason", "x"], 2, "card is not missing in 2026-01."),
        (["reopen", "2026-01", "-C", "W", "--reason", "x"], 2, "2026-01 is not closed."),
        (["reopen", "2026-01", "-C", "W"], 2, "Missing option '--reason'"),
        (["init", "W/new", "--currency", "XXQ"], 2, "'XXQ' is not an ISO 4217 currency code such as EUR"),
        (["demo", "W"], 2, "holds other files. Name an empty folder."),
        (["query", "-C", "W", "select nope from core.ledger"], 2, '"nope"'),
        (["query", "-C", "W", "drop table core.ledger"], 2, "A query is one SELECT"),
        (["query", "-C", "W", "--month", "2025-01", "select 1"], 3, "2025-01 is not published here yet. Run `plumbline refresh --month 2025-01` first."),
        (["explain", "-C", "W", "core.leger"], 2, "Nothing here is named core.leger. Did you mean core.ledger?"),
        (["docs", "core.leger", "-C", "W"], 2, "There is no table core.leger. Did you mean core.ledger?"),
        (["map", "W/nothing.csv", "-C", "W"], 2, "nothing.csv is not there."),
        (["refresh", "-C", "W/no"], 3, "no/plumbline.yml is not there. Run `plumbline init "),
        (["status", "-C", "W/no"], 3, "plumbline.yml is not there"),
        (["close", "2026-01", "-C", "W/no"], 3, "plumbline.yml is not there"),
        (["reopen", "2026-01", "-C", "W/no", "--reason", "x"], 3, "plumbline.yml is not there"),
        (["query", "select 1", "-C", "W/no"], 3, "Nothing is published here yet. Run `plumbline refresh` first."),
        (["explain", "x", "-C", "W/no"], 3, "Nothing is published here yet."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_done_is_told_and_has_its_code(refreshed: Path, call: Call, arguments: Sequence[str], code: int, told: str) -> None:
    said = call(*(word.replace("W", str(refreshed)) if word[0] == "W" else word for word in arguments))
    assert (said.code, said.out) == (code, "")
    assert told in said.err
    assert "Traceback" not in said.err


def test_without_a_command_the_commands_are_listed(call: Call) -> None:
    said = call()
    assert said.code == 2
    for command in ("init", "demo", "map", "refresh", "close", "reopen", "status", "serve", "query", "explain", "doctor", "docs"):
        assert f"  {command} " in said.out + said.err


def test_a_failure_that_nobody_foresaw_leaves_a_report(refreshed: Path, call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("pipelines.status.kept", lambda _: 1 / 0)
    said = call("status", "-C", refreshed)
    assert said.code == 70
    assert "ZeroDivisionError" in said.err
    (report,) = tmp_path.glob("plumbline-*.txt")
    assert str(report) in said.err
    assert "division by zero" in report.read_text()


# ------------------------------------------------------------------------------------------------ each command


def test_init_writes_what_is_not_there(tmp_path: Path, call: Call) -> None:
    folder = tmp_path / "acme"
    said = call("init", folder, "--name", "Acme: & Söhne", "--currency", "chf")
    assert (said.code, said.out) == (0, "")
    assert "plumbline refresh -C " in said.err
    put(folder, "strategy/kpis.csv", "mine")
    assert call("init", folder).err.startswith("0 files written")
    assert (folder / "strategy/kpis.csv").read_text() == "mine"
    assert json.loads(call("status", "-C", folder, "--json").out)["name"] == "Acme: & Söhne"


def test_refresh_tells_people_and_programs(tmp_path: Path, call: Call, without_expectations: None) -> None:  # noqa: F811
    folder = company(tmp_path / "w", {"exports/erp/bills.csv": BILLS, "exports/erp/odd.csv": "Wann,Wieviel\n1,2\n"})
    said = call("refresh", "-C", folder, "--month", MONTH, "--json")
    assert said.code == 6
    summary = json.loads(said.out)
    assert (summary["status"], summary["exit_code"], summary["month"]) == ("incomplete", 6, MONTH)
    assert summary["row_counts"]["audit.checks"] > 10
    assert "Incomplete: erp: exports/erp/odd.csv, line 1: no profile knows its header" in said.err
    assert "plumbline map exports/erp/odd.csv" in said.err
    assert f"{MONTH} is published: {summary['warehouse']}" in said.err
    put(folder, "exports/erp/bad.csv", lines("d9,1,soon,Acme,1,EUR"))
    rejected = call("-C", folder, "refresh", "--month", MONTH)
    assert rejected.code == 7
    assert "Source erp: 1 of 3 records are quarantined" in rejected.err
    assert "exports/erp/bad.csv, row 2, posted_on: 'soon' is not a date" in rejected.err
    with workspace_lock(folder):
        busy = call("refresh", "-C", folder, "--month", MONTH)
    assert (busy.code, "another run is at work" in busy.err) == (8, True)


def test_query_gives_a_table_csv_and_json_with_exact_decimals(refreshed: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    sql = "select vendor_name_raw as vendor, billed_amount, month, null as nothing from core.ledger order by 1"
    said = call("query", "-C", refreshed, sql, "--json")
    assert (said.code, said.err) == (0, "")
    assert '"billed_amount": 100.1000' in said.out
    assert json.loads(said.out, parse_float=Decimal) == [
        {"vendor": "Acme", "billed_amount": Decimal("100.1000"), "month": "2026-01-01", "nothing": None},
        {"vendor": "Beta", "billed_amount": Decimal("7.5000"), "month": "2026-01-01", "nothing": None},
    ]
    assert call("query", "-C", refreshed, sql, "--csv").out.replace("\r", "").splitlines()[:2] == ["vendor,billed_amount,month,nothing", "Acme,100.1000,2026-01-01,"]
    assert "2 rows" in call("-C", refreshed, "query", sql).out
    assert json.loads(call("query", "-C", refreshed, "select 1 where false", "--json").out) == []
    monkeypatch.setattr("sys.stdin", io.StringIO("select 7 as seven"))
    assert json.loads(call("query", "-", "-C", refreshed, "--month", MONTH, "--json").out) == [{"seven": 7}]


def test_close_status_and_reopen(tmp_path: Path, call: Call, without_expectations: None) -> None:  # noqa: F811
    folder = company(tmp_path / "w", {"exports/erp/bills.csv": BILLS}, "sources: {card: {cadence: monthly}}\n")
    before = call("status", "-C", folder).out
    assert "Published  nothing yet; current: none" in before
    assert call("refresh", "-C", folder, "--month", MONTH).code == 6
    refused = call("close", MONTH, "-C", folder)
    assert (refused.code, "--accept-missing SOURCE --reason" in refused.err) == (7, True)
    assert f"{MONTH} is closed as version 1" in call("close", MONTH, "-C", folder, "--accept-missing", "card", "--reason", "the bank is late").err
    put(folder, "exports/erp/more.csv", lines("d9,1,2026-01-07,Acme,1,EUR"))
    status = json.loads(call("status", "-C", folder, "--json").out)
    assert (status["published"], status["current"], status["closed"], status["waiting"]) == ([MONTH], MONTH, [MONTH], 1)
    assert [(s["source"], s["deliveries"], s["duplicates"]) for s in status["sources"]] == [("erp", 1, 0)]
    assert status["incomplete"][0].startswith("card: ")
    told = call("status", "-C", folder).out
    assert f"Closed     {MONTH}" in told
    assert "Waiting    1 files" in told
    assert call("reopen", MONTH, "-C", folder, "--reason", "a late bill").err == f"{MONTH} is open. The closed version stays in closes/{MONTH}/.\n"
    assert call("status", "-C", folder, "--json").out.count('"closed": []') == 1


def test_explain_shows_what_findings_lines_and_tables_rest_on(sample: Refreshed, call: Call) -> None:
    folder = sample.folder.parents[2]
    with duckdb.connect(str(sample.warehouse), read_only=True) as connection:
        line_id, file, row = connection.execute("select spend_line_id, source_file, source_row from core.spend_line where source = 'ap_us' order by all limit 1").fetchone()
        (ledger_id,) = connection.execute("select ledger_id from core.ledger where spend_line_id = ?", [line_id]).fetchone()
        (finding,) = connection.execute("select finding_id from marts.overlap order by extra_cost_amount desc, 1 limit 1").fetchone()
    found = json.loads(call("explain", finding, "-C", folder, "--json").out)
    assert (found["table"], found["id"]) == ("marts.overlap", finding)
    again = json.loads(call("query", found["evidence_sql"], "-C", folder, "--json").out)
    assert len(again) == found["evidence_count"] > 0
    for wanted, table in ((line_id, "core.spend_line"), (ledger_id, "core.ledger")):
        told = json.loads(call("explain", wanted, "-C", folder, "--json").out)
        assert (told["table"], told["row"]["source_file"], told["row"]["source_row"]) == (table, file, row)
        assert told["original"] == (folder / file).read_bytes().splitlines()[row - 1].decode()
        assert "The line in the original:" in call("explain", wanted, "-C", folder).out
    for table in ("marts.gap", "raw.spend_line", "audit.books", "settings.run", "checks.books_close"):
        said = call("explain", table, "-C", folder)
        assert (said.code, said.out.splitlines()[0]) == (0, f"{table}  ({table})")


def test_docs_describe_every_table_of_the_warehouse(sample: Refreshed, call: Call) -> None:
    found = {entry["table"]: entry for entry in json.loads(call("docs", "-C", sample.folder.parents[2], "--json").out)}
    with duckdb.connect(str(sample.warehouse), read_only=True) as connection:
        there = connection.execute("select schema_name || '.' || table_name, list(column_name order by column_index) from duckdb_columns() where not internal group by 1").fetchall()
    for table, columns in there:
        if not table.startswith("parts."):
            assert [column["name"] for column in found[table]["columns"]] == columns
            assert found[table]["description"]
    text = call("docs").out
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## Tables", *(f"## {name}" for name in columns_of())]
    listed = text.partition("\n## raw.")[0].splitlines()
    assert [line.split()[1] for line in listed if line.startswith("| ") and "." in line.split()[1]] == [n for n in columns_of() if not n.startswith("checks.")]
    assert call("docs", "core.ledger").out.startswith("## core.ledger\n\n")


# ------------------------------------------------------------------------------------------------ doctor


def test_doctor_finds_nothing_wrong_with_a_sound_workspace(refreshed: Path, call: Call) -> None:
    said = call("doctor", "-C", refreshed)
    assert (said.code, "FAIL" in said.out) == (0, False)
    assert f"ok   Published: {MONTH} is published" in said.out
    probes = json.loads(call("doctor", "-C", refreshed, "--json").out)
    assert all(probe["ok"] for probe in probes)


def secrets_for_all(folder: Path) -> None:
    put(folder, ".env", "A=b\n").chmod(0o644)


def original_gone(folder: Path) -> None:
    assert run(["refresh", "-C", str(folder), "--month", MONTH]) == 0
    next((folder / "deliveries/erp").glob("*/bills.csv")).unlink()


SICK = {
    "secrets that others may read": (secrets_for_all, "Settings", "others may read this file of secrets. Run: chmod 600"),
    "settings that are no YAML": (lambda folder: put(folder, "plumbline.yml", "name: ["), "Settings", "this is not YAML"),
    "a profile that cannot be": (lambda folder: put(folder, "profiles/p.yml", "profile: x\n"), "Profiles", "p.yml"),
    "a link among the exports": (lambda folder: put(folder, "strategy/odd.csv", "x"), "Exports", "Plumbline knows no such file here"),
    "a kept original that is gone": (original_gone, "Deliveries", "the kept original of exports/erp/bills.csv"),
}


@pytest.mark.usefixtures("without_expectations")
@pytest.mark.parametrize(("make_sick", "probe", "told"), SICK.values(), ids=SICK)
def test_doctor_names_what_is_wrong(tmp_path: Path, call: Call, capsys: pytest.CaptureFixture[str], make_sick: Callable[[Path], object], probe: str, told: str) -> None:
    folder = company(tmp_path / "w", {"exports/erp/bills.csv": BILLS})
    make_sick(folder)
    capsys.readouterr()
    said = call("doctor", "-C", folder, "--json")
    assert said.code == 3
    (found,) = [p for p in json.loads(said.out) if p["name"] == probe]
    assert (found["ok"], told in found["detail"]) == (False, True), found


def test_doctor_sees_another_run(refreshed: Path, call: Call) -> None:
    with workspace_lock(refreshed):
        said = call("doctor", "-C", refreshed)
    assert said.code == 3
    assert "FAIL Lock: another run is at work" in said.out


# ------------------------------------------------------------------------------------------------ hooks


class Heard(NamedTuple):
    address: str
    bodies: list[dict[str, object]]


@pytest.fixture
def listener() -> Iterator[Heard]:
    """A server on this machine that keeps what is posted to it; /broken answers 500."""
    bodies: list[dict[str, object]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(500 if self.path.startswith("/broken") else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Heard(f"http://127.0.0.1:{server.server_port}", bodies)
    server.shutdown()
    server.server_close()
    thread.join()


def keeping(target: Path) -> str:
    """A command as YAML that writes its standard input to a file."""
    return json.dumps([sys.executable, "-c", f"import sys; open({str(target)!r}, 'w').write(sys.stdin.read())"])


@pytest.mark.usefixtures("without_expectations")
def test_hooks_are_told_of_success_and_of_failure(tmp_path: Path, call: Call, listener: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_TOKEN", "s3cr3t")
    settings = (
        f'on_success: {{webhook: "{listener.address}/ok?token=${{HOOK_TOKEN}}", command: {keeping(tmp_path / "told")}}}\n'
        f"on_failure: {{command: {keeping(tmp_path / 'failed')}}}\n"
    )
    folder = company(tmp_path / "w", {"exports/erp/bills.csv": BILLS}, settings)
    said = call("refresh", "-C", folder, "--month", MONTH, "--json")
    assert said.code == 0
    assert listener.bodies == [json.loads(said.out)] == [json.loads((tmp_path / "told").read_text())]
    assert not (tmp_path / "failed").exists()

    with workspace_lock(folder):
        assert call("refresh", "-C", folder, "--month", MONTH).code == 8
    told = json.loads((tmp_path / "failed").read_text())
    assert (told["month"], told["status"], told["exit_code"]) == (MONTH, "failed", 8)

    put(folder, "strategy/capabilities.csv", "capability_id,name\nc1,Billing\n")
    put(folder, "decisions/mapping.csv", "subject_kind,subject,capability_id,author,decided_on\nvendor,Acne,c1,me,2026-01-01\n")
    assert call("refresh", "-C", folder, "--month", MONTH).code == 7
    told = json.loads((tmp_path / "failed").read_text())
    assert (told["exit_code"], "mapping_subject_exists" in told["error"]) == (7, True)
    assert len(listener.bodies) == 1


@pytest.mark.usefixtures("without_expectations")
def test_a_hook_that_fails_is_told_without_secrets_and_changes_nothing(tmp_path: Path, call: Call, listener: Heard) -> None:
    settings = f'on_success: {{webhook: "{listener.address}/broken?token=s3cr3t", command: [{sys.executable}, -c, "raise SystemExit(4)"]}}\n'
    said = call("refresh", "-C", company(tmp_path / "w", {"exports/erp/bills.csv": BILLS}, settings), "--month", MONTH)
    assert said.code == 0
    assert "The webhook at 127.0.0.1 answered 500." in said.err
    assert f"The command {sys.executable} ended with 4." in said.err
    assert "s3cr3t" not in said.err


@pytest.mark.parametrize(
    ("hook", "told"),
    [
        (Hook(webhook="http://127.0.0.1:9/x?token=s3cr3t"), "The webhook at 127.0.0.1 could not be reached: ConnectionError."),
        (Hook(command=("/no/such/program",)), "The command /no/such/program could not be run: FileNotFoundError."),
        (Hook(), None),
    ],
)
def test_a_hook_that_cannot_be_reached(hook: Hook, told: str | None) -> None:
    from pipelines.hooks import tell

    assert tell(hook, {"month": MONTH}) == ([told] if told else [])


def test_the_program_runs_from_any_folder(tmp_path: Path) -> None:
    put(tmp_path, "models/__init__.py", "raise SystemExit('not this one')")
    done = subprocess.run([sys.executable, ROOT / "plumbline.py", "docs", "core.ledger", "--json"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["table"] == "core.ledger"
