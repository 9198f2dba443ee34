"""The queue of questions: what is not known, the one that moves most money first; and what an answer writes down.

The questions come from the published month. What was answered since stands in the decision files, so it is not asked
again before the next refresh; what a refresh finds changed is asked anew, since a question's id is made of its inputs.
"""

import getpass
import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from models import Table
from models.decisions import DISMISSAL, EXCLUSION, MAPPING, PURCHASE_MATCH, VENDOR_ALIAS
from models.strategy import CAPABILITY
from pipelines.answers import Row, held
from pipelines.findings import reporting_currency
from pipelines.publish import Run
from pipelines.suggesting import YEAR, goals, inputs_key, rows, subjects, suggested, unmapped

THING = {"tool": "tool", "vendor": "vendor", "gl_account": "account", "cost_center": "cost centre"}
STALE = f"""
select mapping.subject_kind, mapping.subject_id, max(mapping.decided_on) as decided_on, coalesce(any_value(money.amount), 0) as amount,
    bool_or(date_diff('day', mapping.decided_on, last_day(run.month)) > threshold.value) as is_old,
    list_sort(list(mapping.capability_id)) as capability_ids
from staging.mapping as mapping
cross join settings.run as run
left join settings.threshold as threshold on threshold.name = 'stale_mapping_days'
left join (
    select mapping_method as kind, case mapping_method when 'tool' then tool_id when 'vendor' then vendor_id when 'gl_account' then lower(gl_account) else lower(cost_center) end as id,
        sum(ledger.billed_amount) as amount
    from core.ledger as ledger cross join settings.run as run where {YEAR} group by all
) as money on money.kind = mapping.subject_kind and money.id = mapping.subject_id
where mapping.org_unit_id is null
group by all
"""
PAIRS = "select * from marts.review_vendor"
PURCHASES = "select * from marts.review_purchase"
HOLES = "select * from marts.ownership_hole where not is_dismissed and kind in ('no_spend_owner', 'tool_without_business_owner')"
TERMS = "select * from marts.renewals where not is_dismissed and state in ('notice_unknown', 'no_end_date')"


@dataclass(frozen=True)
class Choice:
    """An answer that may be given by its number. `confidence` 0 to 1 where the program suggests it, None otherwise."""

    value: str
    text: str
    confidence: float | None = None
    reason: str = ""
    is_sure: bool = False


@dataclass(frozen=True)
class Question:
    """One thing to decide. `inputs`: what an answer needs to become rows; `amount` is what it moves, in the reporting currency."""

    question_id: str
    kind: str
    subject_kind: str
    subject: str
    amount: Decimal
    currency: str
    text: str
    choices: tuple[Choice, ...]
    inputs: Mapping[str, str]

    def summary(self) -> dict[str, Any]:
        """The question as plain data."""
        return asdict(self) | {"amount": str(self.amount)}


@dataclass(frozen=True)
class Person:
    """Who decides, and when."""

    author: str
    today: date


def author_of(given: str | None) -> str:
    """Who decides: named by an option, else by $USER, else by the system."""
    return (given or os.environ.get("USER") or getpass.getuser()).strip()


def key(*parts: object) -> str:
    return hashlib.md5(chr(31).join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()[:8]


def queue(folder: Path, run: Run, sure: Decimal) -> list[Question]:
    """All open questions, the one that moves most money first; last those that only another system can answer.

    `sure`: the confidence from which a suggestion may be taken unasked.
    """
    with duckdb.connect(str(run.warehouse), read_only=True) as connection:
        currency = reporting_currency(connection)
        present = {f"{schema}.{name}" for schema, name in rows(connection, "select table_schema, table_name from information_schema.tables")}
        found = [*mappings(connection, currency, sure)]
        for table, sql, ask in (
            ("marts.review_vendor", PAIRS, vendor_pair), ("marts.review_purchase", PURCHASES, purchase),
            ("marts.ownership_hole", HOLES, hole), ("marts.renewals", TERMS, term),
        ):  # fmt: skip
            if table in present:  # a month that was published before the table existed has fewer questions
                found += [ask(row, currency) for row in records(connection, sql)]
        found = with_owners(connection, found)
    rows_of = cache(lambda table: [row for _, row in held(folder, table)[1]])
    return sorted((q for q in found if not is_settled(q, rows_of)), key=lambda q: (not q.choices and q.kind != "mapping", -q.amount, q.kind, q.question_id))


def records(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    found = connection.execute(sql)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def mappings(connection: duckdb.DuckDBPyConnection, currency: str, sure: Decimal) -> Iterable[Question]:
    """What nobody has mapped, and mappings that are old or were made of something else, with suggestions."""
    known, capabilities, money = subjects(connection), goals(connection), unmapped(connection)
    names = {goal.capability_id: goal.name for goal in capabilities}
    offered = suggested(connection, money, known, capabilities)
    ((month,),) = rows(connection, "select cast(month as varchar) from settings.run")
    for (kind, subject_id), amount in money.items():
        subject = known[kind, subject_id]
        choices = tuple(
            Choice(s.capability_id, names[s.capability_id], s.confidence, s.reason, s.rank == 1 and Decimal(str(s.confidence)) >= sure) for s in offered.get((kind, subject_id), ())
        )
        left_out = () if kind == "tool" else (Choice("exclude", "no technology: leave its money out"),)
        said = " ".join(filter(None, (subject.category and f"({subject.category})", subject.description)))
        yield Question(
            f"mapping-{key(kind, subject_id, inputs_key(kind, subject))}", "mapping", kind, subject.name, amount, currency,
            f"What is the {THING[kind]} {subject.name} for? {said}".rstrip(), (*choices, *left_out),
            {"inputs_key": inputs_key(kind, subject), "month": month},
        )  # fmt: skip
    written = decided_as(connection)
    for kind, subject_id, decided_on, amount, is_old, ids in rows(connection, STALE):
        subject = known.get((kind, subject_id))
        if subject is None:
            continue
        spellings, rested_on = written.get((kind, subject_id), ((subject.name,), None))
        changed = rested_on not in (None, inputs_key(kind, subject))
        if not (is_old or changed):
            continue
        why = "its name, vendor or category has changed since" if changed else f"that was decided on {decided_on}"
        kept = " and ".join(names.get(i, i) for i in ids)
        yield Question(
            f"stale-{key(kind, subject_id, decided_on, inputs_key(kind, subject))}", "stale", kind, subject.name, amount, currency,
            f"Is the {THING[kind]} {subject.name} still for {kept}? {why[0].upper()}{why[1:]}.", (Choice("keep", f"yes: {kept}"),),
            {"inputs_key": inputs_key(kind, subject), "decided_on": str(decided_on), "is_changed": "yes" if changed else "", "spellings": chr(31).join(spellings)},
        )  # fmt: skip


def decided_as(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], tuple[tuple[str, ...], str | None]]:
    """For each mapped subject the spellings under which rows name it, and the key of what they were decided on, where they have one."""
    columns = {name for (name,) in rows(connection, "select column_name from information_schema.columns where table_schema = 'raw' and table_name = 'mapping'")}
    rested_on = "min(mapping.inputs_key)" if "inputs_key" in columns else "null"
    sql = f"""
        select mapping.subject_kind, case mapping.subject_kind when 'tool' then tool.tool_id when 'vendor' then vendor.vendor_id else lower(mapping.subject) end as subject_id,
            list_sort(list(distinct mapping.subject)), {rested_on}
        from raw.mapping as mapping
        left join staging.tool_name as tool on mapping.subject_kind = 'tool' and tool.tool_name_raw = mapping.subject
        left join staging.vendor_name as vendor on mapping.subject_kind = 'vendor' and vendor.vendor_name_raw = mapping.subject
        where mapping.org_unit_id is null
        group by all
    """
    return {(kind, subject_id): (tuple(spellings), rested) for kind, subject_id, spellings, rested in rows(connection, sql)}


def vendor_pair(row: Mapping[str, Any], currency: str) -> Question:
    left, right = row["left_vendor_name"], row["right_vendor_name"]
    choices = (Choice("same", f"one vendor, called {left}", float(row["confidence"]), row["evidence"]), Choice("different", "two vendors"))
    return Question(
        f"vendor-{key(row['left_vendor_id'], row['right_vendor_id'])}", "vendor", "vendor", f"{left} / {right}", row["money_at_stake_amount"] or Decimal(0), currency,
        f"Are {left} and {right} one vendor? {row['evidence']}", choices, {"left": left, "right": right},
    )  # fmt: skip


def purchase(row: Mapping[str, Any], currency: str) -> Question:
    one = f"{row['copy_vendor_name']} {row['copy_amount']:.2f} {row['currency']} of {row['copy_posted_on']} in {row['copy_source']} ({row['copy_file']}, row {row['copy_row']})"
    other = f"{row['counted_vendor_name']} {row['counted_amount']:.2f} of {row['counted_posted_on']} in {row['counted_source']} ({row['counted_file']}, row {row['counted_row']})"
    choices = (Choice("same", "one purchase: count it once", float(row["match_confidence"]), row["match_evidence"]), Choice("different", "two purchases: count both"))
    return Question(
        f"purchase-{key(row['match_id'])}", "purchase", "purchase", row["match_id"], row["money_at_stake_amount"] or Decimal(0), currency,
        f"Are these one purchase? {one}; {other}. {row['match_evidence']}", choices, {"match_id": row["match_id"]},
    )  # fmt: skip


def hole(row: Mapping[str, Any], currency: str) -> Question:
    inputs = {**finding(row), "capability_id": row["subject_id"] if row["subject_kind"] == "capability" else ""}
    where = "" if inputs["capability_id"] else " Name the owner in the register it comes from, or set the question aside."
    return Question(
        f"owner-{key(row['finding_id'])}", "owner", row["subject_kind"], row["subject"], row["spend_12m_amount"], currency,
        f"Who in the business answers for the {row['subject_kind']} {row['subject']}? Now {row['reason']}.{where}", (), inputs,
    )  # fmt: skip


def term(row: Mapping[str, Any], currency: str) -> Question:
    missing = "When does it end" if row["state"] == "no_end_date" else "By when must notice be given"
    name, place = row["contract_name"] or row["contract_number"] or row["contract_id"], f"{row['source_file']}, row {row['source_row']}"
    return Question(
        f"notice-{key(row['finding_id'])}", "notice", "contract", name, row["annual_amount"] or Decimal(0), currency,
        f"{missing}: {name} with {row['vendor_name']}? Enter it in {row['source']} ({place}), or set the question aside.", (), finding(row),
    )  # fmt: skip


def finding(row: Mapping[str, Any]) -> dict[str, str]:
    """The finding that a question is about, with the key that setting it aside quotes; a month published by an older program has none."""
    return {"finding_id": row["finding_id"], "inputs_key": row.get("inputs_key") or ""}


def with_owners(connection: duckdb.DuckDBPyConnection, found: list[Question]) -> list[Question]:
    """The questions for a capability's owner with the owners to choose from, those in the business first."""
    owners = rows(connection, "select owner_id, owner_name, side from core.owner where left_on is null order by side, owner_name")
    choices = tuple(Choice(owner_id, f"{name} ({'IT' if side == 'it' else side})") for owner_id, name, side in owners)
    return [Question(**(vars(q) | {"choices": choices})) if q.kind == "owner" and q.inputs["capability_id"] else q for q in found]


def is_settled(question: Question, rows_of: Callable[[Table], list[Row]]) -> bool:
    """Whether a decision file answers it already, before a refresh has read it."""
    inputs = question.inputs

    def any_row(table: Table, **cells: str) -> bool:
        return any(all(row.get(name, "").casefold() == value.casefold() for name, value in cells.items()) for row in rows_of(table))

    if "finding_id" in inputs and any(any_row(DISMISSAL, finding_id=inputs["finding_id"], inputs_key=key) for key in {"", inputs["inputs_key"]}):
        return True
    match question.kind:
        case "mapping":
            same = {"subject_kind": question.subject_kind, "subject": question.subject}
            valid = [row for row in rows_of(MAPPING) if not row.get("org_unit_id") and not "" < row.get("expires_on", "") < inputs["month"]]
            return any_row(EXCLUSION, **same) or any(all(row[name].casefold() == value.casefold() for name, value in same.items()) for row in valid)
        case "stale":
            spelt = {spelling.casefold() for spelling in inputs["spellings"].split(chr(31))}
            own = [row for row in rows_of(MAPPING) if row["subject_kind"] == question.subject_kind and row["subject"].casefold() in spelt and not row.get("org_unit_id")]
            if inputs["is_changed"]:
                return all(row.get("inputs_key") == inputs["inputs_key"] for row in own)
            return all(row["decided_on"] > inputs["decided_on"] for row in own)
        case "vendor":
            return any_row(VENDOR_ALIAS, alias=inputs["right"]) or any_row(VENDOR_ALIAS, alias=inputs["left"])
        case "purchase":
            return any_row(PURCHASE_MATCH, match_id=inputs["match_id"])
        case "owner" if inputs["capability_id"]:
            return any(row.get("business_owner_id") for row in rows_of(CAPABILITY) if row["capability_id"] == inputs["capability_id"])
    return False
