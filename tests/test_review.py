"""The queue: what is asked first, what an answer writes, what is asked again, and answers that make no sense."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from small import company, put, without_expectations  # noqa: F401 - a fixture
from typer.testing import CliRunner

from models.decisions import MAPPING
from models.strategy import CAPABILITY
from pipelines.answers import Change, held, write
from pipelines.cli import app
from pipelines.deciding import changes, decide, read_back, to_sheet
from pipelines.errors import ConfigError, UsageError
from pipelines.publish import published
from pipelines.refresh import refresh
from pipelines.review import Choice, Person, Question, author_of, queue

MONTH = "2026-06"
ME = Person("p.lang", date(2026, 7, 2))
TOOLS = """tool_id,name,vendor_name,category,description,business_owner
1,Foxwise,Foxwise Labs,CRM,Leads and opportunities,Ann
2,Lohnwerk,Lohnwerk AG,Payroll,,Ann
3,Altwerk,Altwerk AG,ITSM,Incidents,Ann
4,Gelber Ordner,Ordner SE,,,
"""
SPEND = """document_id,line_id,posted_on,vendor_name,tool_name,gl_account,description,amount,currency
d1,1,2026-06-05,Foxwise Labs,Foxwise,,,900.00,EUR
d2,1,2026-06-05,Lohnwerk AG,Lohnwerk,,,300.00,EUR
d3,1,2026-06-05,Altwerk AG,Altwerk,,,700.00,EUR
d4,1,2026-06-05,Trelvano,,,Payroll service June,500.00,EUR
d5,1,2026-06-05,,,6840,,40.00,EUR
d6,1,2026-06-05,Amtek,,,,30.00,EUR
d7,1,2026-06-05,Antek,,,,35.00,EUR
d8,1,2026-06-05,Ordner SE,Gelber Ordner,,,20.00,EUR
"""
FILES = {
    "exports/register/tool.csv": TOOLS,
    "exports/erp/spend_line.csv": SPEND,
    "strategy/capabilities.csv": "capability_id,name,business_owner_id\nsales,Opportunity & Pipeline Management,ann\npay,Payroll Management,ann\ndesk,IT Service Management,\n",
    "strategy/owners.csv": "owner_id,name,side\nann,Ann,business\nbob,Bob,it\n",
    "decisions/mapping.csv": "subject_kind,subject,capability_id,weight,author,decided_on,note\r\ntool,Altwerk,desk,1,old,2024-01-31,kept\r\n",
}


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, without_expectations: None) -> Path:  # noqa: F811
    folder = company(tmp_path_factory.mktemp("review") / "w", FILES)
    refresh(folder, MONTH)
    return folder


@pytest.fixture
def folder(once: Path, tmp_path: Path) -> Path:
    """A copy of the refreshed company that a test may write to."""
    return Path(shutil.copytree(once, tmp_path / "w", symlinks=True))


def asked(folder: Path, sure: str = "0.95") -> list[Question]:
    run = published(folder, None)
    assert run is not None
    return queue(folder, run, Decimal(sure))


def about(folder: Path, subject: str, kind: str | None = None) -> Question:
    return next(q for q in asked(folder) if subject in q.subject and kind in (None, q.kind))


def decisions(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "decisions" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_moves_most_money_is_asked_first(folder: Path) -> None:
    found = [(q.kind, q.subject, q.amount) for q in asked(folder) if q.kind in ("mapping", "stale")]
    assert [subject for _, subject, _ in found] == ["Foxwise", "Altwerk", "Trelvano", "Lohnwerk", "6840", "Antek", "Amtek", "Gelber Ordner"]
    assert found[0] == ("mapping", "Foxwise", Decimal(900))
    assert found[1][0] == "stale"


def test_suggestions_are_choices_with_confidence_and_reason(folder: Path) -> None:
    first = about(folder, "Foxwise").choices[0]
    assert (first.value, first.text) == ("sales", "Opportunity & Pipeline Management")
    assert first.confidence is not None
    assert "its category says «crm»" in first.reason
    assert about(folder, "Trelvano").choices[0].value == "pay"
    assert [choice.value for choice in about(folder, "6840").choices] == ["exclude"]


def test_an_answer_is_a_row_with_author_and_day_and_is_asked_no_more(folder: Path) -> None:
    decide(folder, about(folder, "Foxwise"), "1", "", ME)
    row = decisions(folder, "mapping.csv")[-1]
    assert (row["subject_kind"], row["subject"], row["capability_id"], row["weight"]) == ("tool", "Foxwise", "sales", "1")
    assert (row["author"], row["decided_on"]) == ("p.lang", "2026-07-02")
    assert row["note"].startswith("suggested with confidence 0.")
    assert row["inputs_key"]
    assert "Foxwise" not in [q.subject for q in asked(folder)]


def test_bytes_that_were_there_stay_and_lines_end_as_they_did(folder: Path) -> None:
    decide(folder, about(folder, "Foxwise"), "sales", "", ME)
    lines = (folder / "decisions/mapping.csv").read_bytes().split(b"\r\n")
    assert lines[0] == b"subject_kind,subject,capability_id,weight,author,decided_on,note,inputs_key"
    assert lines[1] == b"tool,Altwerk,desk,1,old,2024-01-31,kept,"
    assert lines[2].startswith(b"tool,Foxwise,sales,1,p.lang,2026-07-02,,")
    assert lines[3:] == [b""]


def test_several_capabilities_have_weights(folder: Path) -> None:
    decide(folder, about(folder, "Foxwise"), "sales=3 pay", "", ME)
    assert [(row["capability_id"], row["weight"]) for row in decisions(folder, "mapping.csv")[1:]] == [("sales", "3"), ("pay", "1")]


@pytest.mark.usefixtures("without_expectations")
def test_what_expired_is_asked_again_and_replaced_but_what_holds_for_a_unit_stays(folder: Path) -> None:
    header = "subject_kind,subject,capability_id,weight,author,decided_on,expires_on,org_unit_id\n"
    unit = "tool,Foxwise,desk,1,old,2026-01-31,,north\n"
    put(folder, "strategy/org_units.csv", "org_unit_id,name\nnorth,North\n")
    put(folder, "decisions/mapping.csv", header + unit + "tool,Foxwise,sales,1,old,2026-01-31,2026-05-31,\n")
    refresh(folder, MONTH)
    question = about(folder, "Foxwise")
    assert question.kind == "mapping"
    decide(folder, question, "sales", "", ME)
    assert [(row["org_unit_id"], row["capability_id"], row["author"], row["expires_on"]) for row in decisions(folder, "mapping.csv")] == [
        ("north", "desk", "old", ""), ("", "sales", "p.lang", ""),
    ]  # fmt: skip
    assert "Foxwise" not in [q.subject for q in asked(folder)]


def test_money_that_is_no_technology_is_excluded(folder: Path) -> None:
    decide(folder, about(folder, "6840"), "exclude", "Rent", ME)
    (row,) = decisions(folder, "exclusions.csv")
    assert (row["subject_kind"], row["subject"], row["reason"], row["author"]) == ("gl_account", "6840", "Rent", "p.lang")
    assert "6840" not in [q.subject for q in asked(folder)]


@pytest.mark.parametrize(("answer", "capability", "note"), [("1", "desk", "kept"), ("keep", "desk", "kept"), ("pay", "pay", "")])
def test_an_old_mapping_is_asked_again_and_confirmed_or_replaced(folder: Path, answer: str, capability: str, note: str) -> None:
    question = about(folder, "Altwerk")
    assert "decided on 2024-01-31" in question.text
    decide(folder, question, answer, "", ME)
    (row,) = decisions(folder, "mapping.csv")
    assert (row["capability_id"], row["author"], row["decided_on"], row["note"]) == (capability, "p.lang", "2026-07-02", note)
    assert "Altwerk" not in [q.subject for q in asked(folder)]


@pytest.mark.usefixtures("without_expectations")
def test_a_mapping_comes_back_when_what_it_rests_on_changes(folder: Path) -> None:
    decide(folder, about(folder, "Foxwise"), "sales", "", ME)
    put(folder, "exports/register/tool.csv", TOOLS.replace("Foxwise Labs,CRM", "Foxwise Labs,Payroll"))
    refresh(folder, MONTH)
    question = about(folder, "Foxwise")
    assert (question.kind, "has changed since" in question.text) == ("stale", True)
    decide(folder, question, "keep", "", ME)
    assert "Foxwise" not in [q.subject for q in asked(folder)]


@pytest.mark.parametrize(("answer", "meant"), [("same", "Amtek"), ("2", "Antek"), ("Different", "Antek")])
def test_two_spellings_are_one_vendor_or_two(folder: Path, answer: str, meant: str) -> None:
    question = about(folder, "/", "vendor")
    names = {"left": question.inputs["left"], "right": question.inputs["right"]}
    assert set(names.values()) == {"Amtek", "Antek"}
    decide(folder, question, answer, "", ME)
    (row,) = decisions(folder, "vendor_alias.csv")
    assert (row["alias"], row["vendor_name"]) == (names["right"], names["left" if answer == "same" else "right"])
    assert not [q for q in asked(folder) if q.kind == "vendor"]


def test_a_purchase_in_two_sources_is_one_or_two(folder: Path) -> None:
    question = Question("purchase-1", "purchase", "purchase", "a-b", Decimal(1), "EUR", "One?", (), {"match_id": "a-b"})
    decide(folder, question, "same", "", ME)
    (row,) = decisions(folder, "purchase_matches.csv")
    assert (row["match_id"], row["verdict"], row["author"], row["decided_on"]) == ("a-b", "same", "p.lang", "2026-07-02")


def test_what_another_system_must_say_can_be_set_aside_with_a_reason(folder: Path) -> None:
    question = about(folder, "Gelber Ordner", "owner")
    with pytest.raises(UsageError, match="say why"):
        decide(folder, question, "aside", "", ME)
    decide(folder, question, "aside: nobody needs to", "", ME)
    (row,) = decisions(folder, "dismissals.csv")
    assert (row["finding_id"], row["reason"]) == (question.inputs["finding_id"], "nobody needs to")
    assert row["inputs_key"] == question.inputs["inputs_key"] != ""
    assert question.question_id not in [q.question_id for q in asked(folder)]


def test_what_was_set_aside_on_other_grounds_is_asked_again_and_answered_in_one_row(folder: Path) -> None:
    question = about(folder, "Gelber Ordner", "owner")
    put(folder, "decisions/dismissals.csv", f"finding_id,reason,author,decided_on,inputs_key\n{question.inputs['finding_id']},old,me,2026-01-02,00000000\n")
    decide(folder, about(folder, "Gelber Ordner", "owner"), "aside: still nobody", "", ME)
    (row,) = decisions(folder, "dismissals.csv")
    assert (row["reason"], row["inputs_key"]) == ("still nobody", question.inputs["inputs_key"])


def test_an_owner_is_written_into_the_capability(folder: Path) -> None:
    question = Question("owner-1", "owner", "capability", "Desk", Decimal(1), "EUR", "Who?", about_owners(), {"finding_id": "x", "inputs_key": "", "capability_id": "desk"})
    with pytest.raises(UsageError, match="is no owner of"):
        decide(folder, question, "annn", "", ME)
    decide(folder, question, "1", "", ME)
    assert (folder / "strategy/capabilities.csv").read_text().splitlines()[-1] == "desk,IT Service Management,ann"
    assert len(held(folder, CAPABILITY)[1]) == 3


def about_owners() -> tuple[Choice, ...]:
    return (Choice("ann", "Ann"), Choice("bob", "Bob"))


# ------------------------------------------------------------------------------------------------ answers that make no sense

WRONG = [
    ("=cmd|' /C calc'!A0", "begins like a formula"), ("@SUM(1)", "begins like a formula"), ("+1", "begins like a formula"), ("sa\x1bles", "control characters"),
    ("9", "there is no choice 9"), ("0", "there is no choice 0"), ("salse", "Did you mean sales?"), ("sales sales", "named twice"),
    ("sales=0", "is no weight"), ("sales=-1", "is no weight"), ("sales=NaN", "is no weight"), ("exclude", "is no capability"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "told"), WRONG)
def test_a_wrong_answer_is_told_and_writes_nothing(folder: Path, answer: str, told: str) -> None:
    before = (folder / "decisions/mapping.csv").read_bytes()
    with pytest.raises(UsageError, match=told.replace("?", r"\?")):
        changes(folder, about(folder, "Foxwise"), answer, "", ME)
    assert (folder / "decisions/mapping.csv").read_bytes() == before


def sheet(folder: Path, path: Path, answers: Callable[[dict[str, str]], str], encoding: str = "utf-8-sig", delimiter: str = ",") -> list[dict[str, str]]:
    """The questions with answers filled in, saved as a spreadsheet program does."""
    rows = list(csv.DictReader(io.StringIO(to_sheet(asked(folder)))))
    for row in rows:
        row["answer"] = answers(row)
    with path.open("w", encoding=encoding, newline="", errors="replace") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return rows


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ","), ("cp1252", ";"), ("utf-16", "\t")])
def test_answers_come_back_from_a_spreadsheet(folder: Path, tmp_path: Path, encoding: str, delimiter: str) -> None:
    sheet(folder, tmp_path / "q.csv", lambda row: {"Foxwise": "1", "Altwerk": "keep", "Trelvano": "pay"}.get(row["subject"], ""), encoding, delimiter)
    assert read_back(folder, tmp_path / "q.csv", asked(folder), ME) == 3
    assert [(row["subject"], row["decided_on"]) for row in decisions(folder, "mapping.csv")] == [
        ("Foxwise", "2026-07-02"), ("Altwerk", "2026-07-02"), ("Trelvano", "2026-07-02"),
    ]  # fmt: skip


def test_one_wrong_line_and_nothing_is_written(folder: Path, tmp_path: Path) -> None:
    rows = sheet(folder, tmp_path / "q.csv", lambda row: {"Foxwise": "1", "Altwerk": "=1+1", "Trelvano": "nope"}.get(row["subject"], ""))
    with (tmp_path / "q.csv").open("a", encoding="utf-8", newline="") as file:
        twice = csv.DictWriter(file, rows[0])
        twice.writerow(rows[0] | {"answer": "1"})
        twice.writerow(rows[0] | {"question_id": "mapping-00000000", "answer": "1"})
    before = (folder / "decisions/mapping.csv").read_bytes()
    with pytest.raises(ConfigError) as caught:
        read_back(folder, tmp_path / "q.csv", asked(folder), ME)
    told = str(caught.value).splitlines()
    place = {row["subject"]: str(line) for line, row in enumerate(rows, 2) if row["answer"]}
    lines = [line.partition(", answer:")[0].rpartition("line ")[2] for line in told[:-1]]
    assert lines == [place["Altwerk"], place["Trelvano"], str(len(rows) + 2), str(len(rows) + 3)]
    assert "begins like a formula" in told[0]
    assert "is no capability" in told[1]
    assert "answered on line 2 too" in told[2]
    assert "asked no more" in told[3]
    assert told[-1] == "Nothing was written."
    assert (folder / "decisions/mapping.csv").read_bytes() == before


@pytest.mark.parametrize(("content", "told"), [("a,b\n1,2\n", "the column question_id is missing"), (None, "cannot be opened")])
def test_a_file_that_is_no_sheet_is_refused(folder: Path, tmp_path: Path, content: str | None, told: str) -> None:
    if content is not None:
        (tmp_path / "q.csv").write_text(content)
    with pytest.raises(ConfigError, match=told):
        read_back(folder, tmp_path / "q.csv", asked(folder), ME)


def test_a_sheet_runs_no_formula(folder: Path) -> None:
    question = asked(folder)[0]
    risky = Question(**(vars(question) | {"subject": "=HYPERLINK(1)", "text": "@x"}))
    row = next(csv.DictReader(io.StringIO(to_sheet([risky]))))
    assert (row["subject"], row["question"]) == ("'=HYPERLINK(1)", "'@x")


# ------------------------------------------------------------------------------------------------ files


def test_a_row_that_spans_lines_is_replaced_whole(tmp_path: Path) -> None:
    path = put(tmp_path, "decisions/mapping.csv", 'subject_kind,subject,capability_id,author,decided_on,note\ntool,A,x,me,2026-01-01,"two\nlines"\ntool,B,y,me,2026-01-01,\n')
    write(tmp_path, Change(MAPPING, ({"subject_kind": "tool", "subject": "A", "capability_id": "z"},), instead_of={"subject": "a"}))
    assert path.read_text().splitlines()[1:] == ["tool,B,y,me,2026-01-01,", "tool,A,z,,,"]


def test_a_letter_that_the_file_cannot_hold_is_an_error(tmp_path: Path) -> None:
    put(tmp_path, "decisions/mapping.csv", "subject_kind,subject,capability_id,author,decided_on\ntool,Müller,x,me,2026-01-01\n".encode("cp1252"))
    with pytest.raises(ConfigError, match="Save it as UTF-8"):
        write(tmp_path, Change(MAPPING, ({"subject": "日本"},)))


# ------------------------------------------------------------------------------------------------ the command


def run(folder: Path, *options: str, said: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(app, ["review", "-C", str(folder), "--author", "p.lang", *options], input=said)
    return done.exit_code, done.output


def test_it_talks_through_a_pipe_and_keeps_each_answer(folder: Path) -> None:
    code, told = run(folder, said="nonsense\n1\n\nq\n")
    assert code == 0
    assert "EUR 900.00. What is the tool Foxwise for? (CRM) Leads and opportunities" in told
    assert "'nonsense' is no capability" in told
    assert "1 answered." in told
    assert decisions(folder, "mapping.csv")[-1]["subject"] == "Foxwise"


def test_the_end_of_the_pipe_is_the_end_of_the_questions(folder: Path) -> None:
    code, told = run(folder, said="1\n")
    assert (code, "1 answered." in told) == (0, True)
    assert decisions(folder, "mapping.csv")[-1]["subject"] == "Foxwise"


def test_json_tells_every_question(folder: Path) -> None:
    _, told = run(folder, "--json")
    first = json.loads(told)[0]
    assert (first["subject"], first["amount"], first["choices"][0]["value"]) == ("Foxwise", "900.0000", "sales")


def test_only_what_is_sure_is_accepted_without_asking(folder: Path) -> None:
    sure = {q.subject for q in asked(folder) if q.kind == "mapping" and any(c.is_sure for c in q.choices)}
    assert {q.subject for q in asked(folder, "1") if any(c.is_sure for c in q.choices)} == set()
    code, _ = run(folder, "--accept")
    assert code == 0
    assert {row["subject"] for row in decisions(folder, "mapping.csv")} == sure | {"Altwerk"}
    assert sure < {q.subject for q in asked(folder)} | sure


def test_the_questions_are_written_once_so_that_answers_are_not_lost(folder: Path, tmp_path: Path) -> None:
    assert run(folder, "--csv", str(tmp_path / "q.csv"))[0] == 0
    assert (tmp_path / "q.csv").read_bytes().startswith(b"\xef\xbb\xbfquestion_id,")
    again = CliRunner().invoke(app, ["review", "-C", str(folder), "--csv", str(tmp_path / "q.csv")])
    assert isinstance(again.exception, UsageError)


def test_two_ways_at_once_are_refused(folder: Path) -> None:
    assert isinstance(CliRunner().invoke(app, ["review", "-C", str(folder), "--accept", "--read", "x"]).exception, UsageError)


def test_the_author_is_named_or_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "u.ser")
    assert (author_of("p.lang"), author_of(None)) == ("p.lang", "u.ser")
