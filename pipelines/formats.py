"""In which form a file's numbers and dates are written: settled by all values of a column, never by a sample.

A column has one form. Values that prove two forms, or that can be read in two ways while nothing settles it, make the
file refused, with the line that settles it.
"""

from collections.abc import Iterable, Mapping, Sequence

import duckdb

from connectors.days import DateFormat
from connectors.profile import Source
from connectors.reading import Refused
from connectors.values import Decision, NumberFormat, Verdict, detect_date, detect_number
from models import Column, Home, Kind, Table
from pipelines.casting import witnesses_sql
from pipelines.landing import Landed
from pipelines.recognition import Found
from pipelines.shaping import DATED, NUMERIC, Cells, mapped, positions

FEW = 200
"""Different texts of a column up to which all of them are looked at."""
AT_ONCE = 20_000
"""Records up to which one SELECT asks for the texts of all columns: DuckDB spends its time on planning each, not on rows."""


def settle(connection: duckdb.DuckDBPyConnection, landed: Sequence[tuple[Found, Landed]], lookups: Mapping[str, Mapping[str, int]]) -> list[dict[str, Source]]:
    """The column sources of files of one profile, with every form decided: by the file's own values, else by its siblings'.

    Raises Refused for the first file in which a form stays open.
    """
    cells = [Cells(positions(item.header), lookups, file.profile.empty) for file, item in landed]
    sources = [mapped(file.profile, c) for (file, _), c in zip(landed, cells, strict=True)]
    named = open_names(landed[0][0].profile.contract, sources)
    texts: dict[int, Mapping[str, list[str]]] = {}

    def witnesses(number: int, column: Column) -> list[str]:
        if number not in texts:
            asked = {c: text for c in named if (text := own_text(sources[number].get(c.name), cells[number]))}
            texts[number] = spoken(connection, landed[number][1], asked)
        return texts[number].get(column.name, [])

    settled = []
    for number, (file, _) in enumerate(landed):
        table, decided = file.profile.contract, {}
        for name, source in sources[number].items():
            field = open_field(source, table[name].kind) if table else None
            if table and field:
                column = table[name]
                # Who edits a file writes all its days alike; in an export each column is its system's own.
                alike = [c for c in table.columns if table.home is not Home.EXPORTS and c.kind in DATED and column.kind in DATED] or [column]
                beside = (text for other in range(len(landed)) for one in alike for text in witnesses(other, one))
                source = source.model_copy(update={field: decide(file, column, source, witnesses(number, column), beside)})
            decided[name] = source
        settled.append(decided)
    return settled


def open_field(source: Source, kind: Kind) -> str | None:
    """Which form of a column source the values must settle: `decimal`, `date`, or None."""
    if source.value is not None:
        return None
    field = "decimal" if kind in NUMERIC else "date" if kind in DATED else None
    return field if field and getattr(source, field) in (None, "auto") else None


def open_names(table: Table | None, sources: Sequence[Mapping[str, Source]]) -> list[Column]:
    """The columns whose values may be asked for a form: those open in any of the files and, where people edit them, all days."""
    found = [c for c in (table.columns if table else ()) if any(c.name in s and open_field(s[c.name], c.kind) for s in sources)]
    days = [c for c in table.columns if c.kind in DATED] if table and table.home is not Home.EXPORTS else []
    return [*found, *(c for c in days if c not in found)]


def own_text(source: Source | None, cells: Cells) -> str | None:
    """The text of a column source in SQL; None where it comes from a lookup only, or the file lacks it."""
    own = [header for header in (source.from_ if source else None) or () if (place := cells.place(header)) and place[0] == "t"]
    return f"coalesce({', '.join(cells.text(header) for header in own)})" if own else None


def spoken(connection: duckdb.DuckDBPyConnection, landed: Landed, asked: Mapping[Column, str]) -> dict[str, list[str]]:
    """By column, the few texts that tell as much of its form as all of them."""
    relation = f"{landed.relation} as t"
    few: dict[Column, list[str]] = {}
    if asked and landed.record_count <= AT_ONCE:
        answers = connection.execute(f"select {', '.join(f'list(distinct {text})' for text in asked.values())} from {relation}").fetchone() or ()
        few = {column: sorted(t for t in texts or () if t is not None) for column, texts in zip(asked, answers, strict=True)}
    found: dict[str, list[str]] = {}
    for column, text in asked.items():
        if column not in few:
            few[column] = [t for (t,) in connection.execute(f"select distinct {text} as text from {relation} order by text limit {FEW + 1}").fetchall() if t is not None]
        # Planning the search for witnesses takes DuckDB longer than a few texts take Python, and most files hold few.
        is_few = len(few[column]) <= FEW
        found[column.name] = few[column] if is_few else [t for (t,) in connection.execute(witnesses_sql(relation, text, column.kind)).fetchall()]
    return found


def decide(file: Found, column: Column, source: Source, own: Sequence[str], beside: Iterable[str]) -> str:
    """The form of one column of one file. Raises Refused."""
    is_number = column.kind in NUMERIC

    def detect(texts: Iterable[str]) -> Decision:
        return detect_number(texts) if is_number else detect_date(texts, months=column.kind is Kind.MONTH)

    decision = detect(own)
    if decision.verdict is Verdict.AMBIGUOUS:
        decision = detect(beside)
    if isinstance(decision.format, NumberFormat):
        return decision.format.decimal
    if isinstance(decision.format, DateFormat):
        return decision.format.order
    if decision.verdict is Verdict.NONE:
        return "." if is_number else "iso"
    if file.delivery.home != Home.EXPORTS and not (is_number and decision.verdict is Verdict.AMBIGUOUS):
        return "." if is_number else "iso"  # each cell of another form is then an error with its line
    header = (source.from_ or ("",))[0]
    examples = ", ".join(repr(text) for text in decision.examples[:4])
    if decision.verdict is Verdict.AMBIGUOUS:
        why = f"{examples} can be read in more than one way, and no other value of the column settles it"
    else:
        why = f"the column is written in two ways: {examples}"
    fix = f"Say which in the profile {file.profile.profile}: {' or '.join(decision.lines(column.name, header))}."
    if file.delivery.home != Home.EXPORTS:
        fix = "Write thousands without a mark, or decimals with two or four digits."
    raise Refused(file.delivery.file, why, fix, column=header)
