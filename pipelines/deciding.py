"""What an answer to a question of the queue writes down, and answers that come back in a file."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from connectors.reading import Refused, normalise, open_tables
from models.decisions import DISMISSAL, EXCLUSION, MAPPING, PURCHASE_MATCH, VENDOR_ALIAS
from models.strategy import CAPABILITY
from pipelines.answers import Change, held, write
from pipelines.errors import ConfigError, UsageError
from pipelines.query import QueryResult, to_csv
from pipelines.recognition import near
from pipelines.review import Person, Question

ASIDE = "aside"
HELP = {
    "mapping": "a number, or capability ids such as BC-200.10, or several with weights: BC-200.10=3 BC-230.20=1",
    "stale": "1 to keep it, or capability ids that take its place",
    "vendor": "same or different",
    "purchase": "same or different",
    "owner": "a number or an owner's id; or aside: WHY",
    "notice": "aside: WHY",
}
"""What may be answered, by kind of question."""
RISKY = re.compile(r"^[=+@\-\t\r\uff1d\uff0b\uff20\uff0d]")
"""How a cell begins that a spreadsheet would run as a formula."""
COLUMNS = ("question_id", "kind", "subject_kind", "subject", "amount", "currency", "question", "choice_1", "choice_2", "choice_3", "answer", "note")


@dataclass(frozen=True)
class Given:
    """One answer as it was given. `line`: where it stands in a file, 0 on a terminal."""

    question_id: str
    answer: str
    note: str = ""
    line: int = 0


def changes(folder: Path, question: Question, answer: str, note: str, person: Person) -> list[Change]:
    """The rows that an answer writes. Raises UsageError where it is none; nothing is written here."""
    said = answer.strip()
    if RISKY.match(said) or RISKY.match(note) or not (said + note).isprintable():
        raise UsageError(f"{said or note!r} begins like a formula or holds control characters; an answer is plain text")
    if said.isdecimal() and question.choices:
        if not 1 <= int(said) <= len(question.choices):
            raise UsageError(f"there is no choice {said}; there are {len(question.choices)}")
        chosen = question.choices[int(said) - 1]
        said = chosen.value
        if chosen.confidence is not None and question.kind == "mapping" and not note:
            note = f"suggested with confidence {chosen.confidence:.2f}: {chosen.reason}"
    signed = {"author": person.author, "decided_on": person.today.isoformat()}
    aside = re.fullmatch(rf"{ASIDE}\s*:?\s*(.*)", said, flags=re.IGNORECASE)
    if aside and "finding_id" in question.inputs:
        reason = aside[1] or note
        if not reason:
            raise UsageError("say why it is set aside: aside: WHY")
        about = {name: question.inputs[name] for name in ("finding_id", "inputs_key")}
        return [Change(DISMISSAL, ({**about, "reason": reason, **signed},), instead_of={"finding_id": about["finding_id"]})]
    match question.kind:
        case "mapping" if said.casefold() == "exclude" and question.subject_kind != "tool":
            return [Change(EXCLUSION, ({"subject_kind": question.subject_kind, "subject": question.subject, "reason": note or "No technology", **signed},))]
        case "mapping":
            expired = {"subject_kind": question.subject_kind, "subject": question.subject, "org_unit_id": ""}
            return [Change(MAPPING, mapped(folder, question, said, note, signed), instead_of=expired)]
        case "stale":
            return restated(folder, question, said, note, signed)
        case "vendor" if said.casefold() in ("same", "different"):
            left, right = question.inputs["left"], question.inputs["right"]
            return [Change(VENDOR_ALIAS, ({"alias": right, "vendor_name": left if said.casefold() == "same" else right, **signed},))]
        case "purchase" if said.casefold() in ("same", "different"):
            return [Change(PURCHASE_MATCH, ({"match_id": question.inputs["match_id"], "verdict": said.casefold(), "note": note, **signed},))]
        case "owner" if question.inputs["capability_id"]:
            return owned(folder, question, said)
    raise UsageError(f"{said!r} is no answer here; give {wanted(question)}")


def wanted(question: Question) -> str:
    """What may be answered."""
    return HELP[question.kind] if question.choices or question.kind == "mapping" else HELP["notice"]


def mapped(folder: Path, question: Question, said: str, note: str, signed: Mapping[str, str]) -> tuple[Mapping[str, str], ...]:
    """The mapping rows of capability ids with or without weights. Raises UsageError for an id that the company does not have."""
    known = {row["capability_id"] for _, row in held(folder, CAPABILITY)[1]}
    weights: dict[str, str] = {}
    for part in re.split(r"[\s,;]+", said):
        capability_id, _, weight = part.partition("=")
        if capability_id not in known:
            raise UsageError(f"{capability_id!r} is no capability of strategy/capabilities.csv.{near(capability_id, known)} Give {wanted(question)}")
        if capability_id in weights:
            raise UsageError(f"{capability_id} is named twice")
        try:
            if weight and not (Decimal(weight).is_finite() and Decimal(weight) > 0):
                raise InvalidOperation
        except InvalidOperation:
            raise UsageError(f"{weight!r} is no weight; give a positive number, as in {capability_id}=3") from None
        weights[capability_id] = weight or "1"
    return tuple(
        {"subject_kind": question.subject_kind, "subject": question.subject, "capability_id": capability_id, "weight": weight, "note": note,
         "inputs_key": question.inputs["inputs_key"], **signed}
        for capability_id, weight in weights.items()
    )  # fmt: skip


def restated(folder: Path, question: Question, said: str, note: str, signed: Mapping[str, str]) -> list[Change]:
    """A mapping confirmed or replaced, under each spelling that names the subject; rows for single units stay as they are."""
    spellings = question.inputs["spellings"].split(chr(31))
    places = [{"subject_kind": question.subject_kind, "subject": spelling, "org_unit_id": ""} for spelling in spellings]
    if said.casefold() != "keep":
        fresh = mapped(folder, question, said, note, signed)
        return [Change(MAPPING, fresh if n == 0 else (), instead_of=place) for n, place in enumerate(places)]
    own = [row for _, row in held(folder, MAPPING)[1]]
    renewed = signed | {"inputs_key": question.inputs["inputs_key"]}
    return [
        Change(MAPPING, tuple({**row, **renewed} for row in own if all(row.get(k, "").casefold() == v.casefold() for k, v in place.items())), instead_of=place)
        for place in places
    ]


def owned(folder: Path, question: Question, said: str) -> list[Change]:
    """A capability's row with its owner in it."""
    known = [choice.value for choice in question.choices]
    if said not in known:
        raise UsageError(f"{said!r} is no owner of strategy/owners.csv.{near(said, known)} Give {wanted(question)}")
    place = {"capability_id": question.inputs["capability_id"]}
    row = next(row for _, row in held(folder, CAPABILITY)[1] if row["capability_id"] == place["capability_id"])
    return [Change(CAPABILITY, ({**row, "business_owner_id": said},), instead_of=place)]


def decide(folder: Path, question: Question, answer: str, note: str, person: Person) -> list[Path]:
    """Write an answer down at once; the files written. Raises UsageError where it is none."""
    return [write(folder, change) for change in changes(folder, question, answer, note, person)]


def to_sheet(questions: Sequence[Question]) -> str:
    """The questions as CSV for a spreadsheet: answer and note are empty, texts can't run as formulas."""
    table = []
    for q in questions:
        offered = [f"{c.value}: {c.text}" + (f" ({c.confidence:.0%})" if c.confidence is not None else "") for c in q.choices[:3]]
        table.append((q.question_id, q.kind, q.subject_kind, q.subject, q.amount, q.currency, q.text, *(offered + [""] * 3)[:3], "", ""))
    return to_csv(QueryResult(COLUMNS, ("VARCHAR",) * len(COLUMNS), tuple(table)))


def from_sheet(path: Path) -> list[Given]:
    """The answers in a file that `to_sheet` wrote and a person filled in. Raises ConfigError where it can't be read."""
    try:
        (reading,) = open_tables(path)
    except Refused as refused:
        raise ConfigError(f"{refused} Nothing was written.") from None
    names = [normalise(name) for name in reading.layout.header]
    own = {name: normalise(name) for name in ("question_id", "answer", "note")}
    if missing := [name for name in ("question_id", "answer") if own[name] not in names]:
        raise ConfigError(f"{path}, line {reading.layout.header_row}: the column {missing[0]} is missing; `plumbline review --csv` writes it. Nothing was written.")
    place = {name: names.index(written) for name, written in own.items() if written in names}
    found = []
    for record in reading.records():
        cells = {name: (record.values[at] or "").strip() for name, at in place.items()}
        if cells["answer"]:
            found.append(Given(cells["question_id"], cells["answer"], cells.get("note", ""), record.line))
    return found


def read_back(folder: Path, path: Path, questions: Iterable[Question], person: Person) -> int:
    """Write down all answers of a file, or none where one is wrong; how many. Raises ConfigError that names each line."""
    open_ones = {question.question_id: question for question in questions}
    faults, right, seen = [], [], dict[str, int]()
    for given in from_sheet(path):
        question = open_ones.get(given.question_id)
        try:
            if given.question_id in seen:
                raise UsageError(f"{given.question_id} is answered on line {seen[given.question_id]} too; leave one answer")
            seen[given.question_id] = given.line
            if question is None:
                raise UsageError(f"{given.question_id} is asked no more: it was answered, or its inputs changed. Write the questions anew with --csv")
            changes(folder, question, given.answer, given.note, person)
            right.append((question, given))
        except UsageError as error:
            faults.append(f"{path}, line {given.line}, answer: {error}.")
    if faults:
        raise ConfigError("\n".join([*faults, "Nothing was written."]))
    for question, given in right:
        decide(folder, question, given.answer, given.note, person)
    return len(right)
