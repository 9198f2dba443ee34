"""The page: figures, marks and drawings put into the templates. The same warehouse gives the same bytes."""

import hashlib
import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import BytecodeCache, Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dbt_like_sql import HOME, REPORT, SqlFile
from pipelines.findings import without_rate
from pipelines.report import charts, lacking, packing, rows, words
from pipelines.report.marks import Mark, Marker, Part

TEMPLATES = Path(__file__).parent / "templates"
SECTIONS = {
    "questions": "The four questions", "decisions": "Decisions", "budget": "Budget and forecast", "change": "What changed", "purpose": "What the money is for",
    "map": "Capabilities, overlaps, gaps", "outcomes": "Outcomes", "commitments": "Commitments", "savings": "Savings", "roadmap": "Roadmap", "risks": "Risks and holes",
    "trust": "How far to trust it",
}  # fmt: skip
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Facts:
    """What the page says of itself and no table does: the company, the month as YYYY-MM, the run, what is missing."""

    company: str
    month: str
    run_id: str
    incomplete: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """What a report is made of, read once for all its formats: facts, figures by name with their rows, and the rows behind them."""

    facts: Facts
    figures: Mapping[str, Sequence[Row]]
    sets: Mapping[str, rows.RowSet]
    lines: rows.RowSet
    money: words.Money
    window: int
    definitions: Sequence[tuple[str, str]]
    refused: Sequence[tuple[str, str]]
    lacking: Mapping[str, Sequence[str]]

    @property
    def spend(self) -> Row:
        """The money of page one."""
        return self.figures["spend"][0]

    @property
    def month(self) -> date:
        """The first day of the month that the report is about."""
        return self.spend["month"]


@dataclass(frozen=True)
class Page:
    """The finished page, with its marks and the rows that prove them."""

    html: str
    marks: Sequence[Mark]
    sets: Mapping[str, rows.RowSet]


def facts_of(company: str, manifest: Mapping[str, Any]) -> Facts:
    """The facts of a published run."""
    return Facts(company, manifest["month"], manifest["run_id"], tuple(manifest["incomplete"]))


def figures(connection: duckdb.DuckDBPyConnection) -> dict[str, list[dict[str, Any]]]:
    """Every figure of the report by name, its rows by column."""
    found = {}
    for path in sorted((HOME / REPORT).glob("*.sql")):
        cursor = connection.execute(f"select * from {REPORT}.{path.stem}")
        names = [column[0] for column in cursor.description]
        found[path.stem] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return found


def definitions(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """What columns of the figures mean that are described where they were born; the others are told in the SQL of the figure, and ids and names need no telling."""
    told = "".join(path.read_text(encoding="utf-8") for path in (HOME / REPORT).glob("*.sql"))
    query = "select distinct column_name, comment from duckdb_columns() where schema_name = ? and comment <> '' and not regexp_matches(column_name, '(_id|_name)$') order by all"
    return [(column, comment) for column, comment in connection.execute(query, [REPORT]).fetchall() if comment not in told]


def written_in(connection: duckdb.DuckDBPyConnection, spend: Row) -> words.Money:
    """How this company's money is written."""
    found = connection.execute(
        "select upper(r.reporting_currency), coalesce(c.minor_digits, 2) from settings.run as r left join settings.currency as c on c.currency = upper(r.reporting_currency)"
    ).fetchone()
    currency, digits = found or ("", 2)
    return words.Money(currency, digits, abs(spend["spend_12m_amount"]) >= words.LARGE)


def environment(mk: Marker, printed: bool = False) -> Environment:
    """The templates' surroundings: everything is escaped, and a name that is not there is an error. `printed`: for paper, where nothing can be clicked."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, bytecode_cache=compiled()
    )  # fmt: skip
    env.globals |= {"mk": mk, "money": mk.money, "w": words, "charts": charts, "Part": Part, "zero": Decimal(0), "printed": printed, "lacking": {}, "lacks": lacking.sentence, "few": first if printed else all_of}
    return env


def first(found: Sequence[Any], count: int) -> Sequence[Any]:
    """What paper shows of a long table; the page has the rest."""
    return found[:count]


def all_of(found: Sequence[Any], count: int) -> Sequence[Any]:
    """What a screen shows of it: all."""
    return found


@cache
def compiled() -> BytecodeCache | None:
    """Where compiled templates are kept, as Python keeps its own, and only where it may: compiling them takes longer than filling them."""
    folder = TEMPLATES / "__pycache__"
    try:
        folder.mkdir(exist_ok=True)
    except OSError:
        return None
    return FileSystemBytecodeCache(str(folder)) if os.access(folder, os.W_OK) else None


def read(connection: duckdb.DuckDBPyConnection, facts: Facts) -> Reading:
    """All that a report says of what the connection's warehouse holds. Raises duckdb.Error where report.* is not there.

    Money that no rate converts is in no figure, and each figure that it would feed says so.
    """
    facts = replace(facts, incomplete=(*facts.incomplete, *without_rate(connection)))
    found = figures(connection)
    (spend,) = found["spend"]
    sets = {name: rows.read(connection, name) for name in rows.ROWS}
    return Reading(
        facts, found, sets, rows.ledger_lines(connection, sets["ledger"]), written_in(connection, spend), window(connection), definitions(connection),
        connection.execute("select distinct source_file, message from audit.delivery where state = 'refused' order by all").fetchall(), lacking.lacking(connection, facts.incomplete),
    )  # fmt: skip


def render(connection: duckdb.DuckDBPyConnection, facts: Facts) -> Page:
    """The page of what the connection's warehouse holds. Raises duckdb.Error where report.* is not there."""
    return written(read(connection, facts))


def written(reading: Reading, printed: bool = False) -> Page:
    """The page, for a screen or for paper."""
    found, spend, sets = reading.figures, reading.spend, reading.sets
    mk = Marker(reading.money, printed=printed)
    env = environment(mk, printed)
    script, style = source("page.js"), source("page.css")
    html = env.get_template("page.html.j2").render(
        facts=reading.facts, found=found, spend=spend, sections=SECTIONS, month=reading.month, month_end=last_day(reading.month), window=reading.window,
        sql={name: SqlFile(HOME / REPORT / f"{name}.sql") for name in found}, definitions=reading.definitions, refused=reading.refused, lacking=reading.lacking,
        failed=[dict(zip(sets["check"].columns, row, strict=True)) for row in sets["check"].values if not row[3]], check_count=len(sets["check"].values),
        drawings=drawings(found, spend, mk), style=Markup(style), script=Markup(script), digest=Markup(digest(script)), data=Markup("" if printed else packing.packed(sets)),
        proofs=lambda: Markup(packing.squeezed([mark.told() for mark in mk.made])),
    )  # fmt: skip
    return Page(html, tuple(mk.made), sets)


def window(connection: duckdb.DuckDBPyConnection) -> int:
    """Days ahead within which a contract is to be decided."""
    found = connection.execute("select value from settings.threshold where name = 'renewal_window_days'").fetchone()
    return int(found[0]) if found else 0


def last_day(month: date) -> date:
    """The last day of a month."""
    return date.fromordinal((month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)).toordinal() - 1)


def drawings(found: Mapping[str, list[dict[str, Any]]], spend: Row, mk: Marker) -> dict[str, Markup]:
    """The charts of the page, their parts marks."""
    months = []
    for row in found["monthly"]:
        name, where = words.month(row["month"]), {"month": row["month"]}
        spent, planned = row["spend_amount"], row["budget_amount"]
        mark = mk.spend("monthly", spent, f"Spend of {name}", where)
        difference = mk.variance("monthly", spent, planned, f"{name}, spend less budget", where, where) if spent is not None else ""
        around = mark.around if isinstance(mark, Mark) else Markup
        months.append((f"{row['month']:%b}", spent, planned, getattr(mark, "shown", ""), getattr(difference, "shown", ""), around))
    parts = []
    for kind, name in (("aligned", "Supports a priority"), ("misaligned", "No priority needs it"), ("unmapped", "Not mapped")):
        amount = spend[f"{kind}_12m_amount"]
        parts.append((f"s-{kind}", amount, mk.spend("spend", amount, name, {"alignment": kind}).around))  # type: ignore[union-attr]
    bridge = []
    for row in found["bridge"]:
        end, name = row["cause"] in ("opening", "closing"), words.CAUSES.get(row["cause"], row["cause"])
        where = {"month": spend["month"]} if row["cause"] == "closing" else {} if end else {"cause": row["cause"]}
        rowset, column = ("ledger", "billed_amount") if row["cause"] == "closing" else ("bridge_end", "opening_amount") if end else ("bridge", "change_amount")
        if end:
            name = words.month(row["before_month"] if row["cause"] == "opening" else spend["month"])
        mark = mk.amount("bridge", rowset, column, row["change_amount"], name, where, "headline" if end else "change")
        bridge.append((name, "ac" if end else "adv" if row["change_amount"] > 0 else "fav", row["change_amount"], mark.shown, mark.around))  # type: ignore[union-attr]
    shown, around = [], []
    for row in found["renewal"]:
        mark = mk.amount("renewal", "contract", "annual_amount", row["annual_amount"], f"{row['contract_name']}, a year", {"contract_id": row["contract_id"]}, "headline")
        days = row["left_days"]
        left = "" if days is None else f"{-days} d too late" if days < 0 else "today" if days == 0 else f"{days} d left"
        shown.append((row["contract_name"] or row["contract_id"], getattr(mark, "shown", mark), row["decide_on"], row["end_on"], left, days is not None and days <= 30))
        around.append(mark.around if isinstance(mark, Mark) else Markup)
    return {
        "monthly": charts.columns(months, mk.money.unit), "purpose": charts.stacked(parts), "bridge": charts.waterfall(bridge, mk.money.unit) if bridge else Markup(""), "renewals": charts.timeline(last_day(spend["month"]), shown, around),
    }  # fmt: skip


def source(name: str) -> str:
    """A style or script as the page carries it: without indentation, and without the lines that are for its authors."""
    lines = (line.strip() for line in (TEMPLATES / name).read_text(encoding="utf-8").splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))


def digest(script: str) -> str:
    """The script's hash as the page's own policy names it: no other script runs."""
    return f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
