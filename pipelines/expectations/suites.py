"""What must hold of the built tables, compiled from the contracts and from the grains that SQL files declare.

Pure functions: no database and no great-expectations. A `Rule` says once what is proved; `run` turns it into an
expectation.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models import PROVENANCE, Column, Home, Privacy, Table

EQUAL_LINES_ALLOWED = frozenset({"spend_line"})
"""Contracts of which two equal rows are two records: a bill may charge the same amount twice."""


class Severity(StrEnum):
    """`error`: what breaks it is not published. `warning`: published and shown."""

    ERROR = "error"
    WARNING = "warning"


class Proof(StrEnum):
    """What kind of thing a rule proves."""

    COLUMNS = "columns"
    ROW_COUNT = "row_count"
    GIVEN = "given"
    AMONG = "among"
    RANGE = "range"
    ABOVE = "above"
    REFERS = "refers"
    UNIQUE = "unique"


@dataclass(frozen=True)
class Rule:
    """One thing that must hold of one table.

    `table` is schema-qualified; `name` is unique within it, stable, and made of letters, digits and underscores.
    `columns` are those the rule is about. `violations` is a SELECT over `{batch}` whose rows are what breaks the rule,
    with the columns by which a person finds them and none that is personal or confidential; it is empty for COLUMNS
    and ROW_COUNT, which are about the table as a whole. `broken` is the condition on a row where one row is enough to
    break the rule, and empty where it takes several.
    """

    table: str
    name: str
    proof: Proof
    severity: Severity
    description: str
    columns: tuple[str, ...] = ()
    violations: str = ""
    broken: str = ""
    values: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    row_count: int | None = None


def expectations_of(table: Table, row_count: int | None = None) -> list[Rule]:
    """What must hold of `raw.<contract>`: columns and their types, values, ranges, references, keys.

    `row_count`, where known, is the number of records the ingest says it loaded; the table must hold as many.

    A reference is required only where the referred table has rows: a company without a list of owners may still name
    them. Broken references are errors in what people of the company wrote (strategy, decisions) and warnings in
    exports, which nobody here can correct.
    """
    name = f"raw.{table.name}"
    held = [*table.columns, *PROVENANCE]
    rules = [
        Rule(
            name,
            "columns",
            Proof.COLUMNS,
            Severity.ERROR,
            "It has the columns of its contract, in their order and types.",
            tuple(column.name for column in held),
            values=tuple(column.kind.duckdb for column in held),
        )
    ]
    if row_count is not None:
        told = f"It has the {row_count} rows that were loaded."
        rules.append(Rule(name, "row_count", Proof.ROW_COUNT, Severity.ERROR, told, row_count=row_count))
    for column in table.columns:
        rules += _of_column(name, table, column)
    if table.name not in EQUAL_LINES_ALLOWED:
        shown = ["source", *(key for key in table.key if table[key].privacy is Privacy.OPEN)]
        told = f"Within a source, {_once(table.key)}."
        first = "min(source_file || ':' || source_row) AS first_record"
        rules.append(
            Rule(
                name,
                "unique_key",
                Proof.UNIQUE,
                Severity.ERROR,
                told,
                ("source", *table.key),
                _repeated(("source", *table.key), shown, (first,)),
            )
        )
    return rules


def broken(rules: Iterable[Rule]) -> str:
    """A SELECT of the table's name, once or several times for each rule of one table that does not hold; empty where there is nothing to ask."""
    asked = [rule for rule in rules if rule.violations or rule.row_count is not None]
    if not asked:
        return ""
    said = f"SELECT '{asked[0].table}' AS broken FROM"
    conditions = " OR ".join(f"({rule.broken})" for rule in asked if rule.broken)
    questions = [f"{said} {{batch}} WHERE {conditions}"] if conditions else []
    questions += [f"{said} ({rule.violations})" for rule in asked if rule.violations and not rule.broken]
    questions += [f"{said} {{batch}} HAVING count(*) <> {rule.row_count}" for rule in asked if rule.row_count is not None]
    return " UNION ALL ".join(questions).replace("{batch}", quoted(asked[0].table))


def expectations_of_grain(name: str, grain: tuple[str, ...], hidden: frozenset[str] = frozenset()) -> list[Rule]:
    """What must hold of the table that a SQL file makes: its grain is one. `name` is schema-qualified.

    An empty grain means one row at most. `hidden` columns take part but are not shown (see `hidden_columns`).
    """
    told = f"{_once(grain)}." if grain else "It has one row at most."
    shown = [column for column in grain if column not in hidden]
    return [Rule(name, "unique_grain", Proof.UNIQUE, Severity.ERROR, told, grain, _repeated(grain, shown))]


def hidden_columns(tables: Mapping[str, Table]) -> frozenset[str]:
    """Names that any contract calls personal or confidential: a SQL table may pass one on, no sample shows it."""
    return frozenset(c.name for table in tables.values() for c in table.columns if c.privacy is not Privacy.OPEN)


def quoted(name: str) -> str:
    """A name as a SQL identifier; each part of a schema-qualified one by itself."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))


def _of_column(table: str, contract: Table, column: Column) -> Iterable[Rule]:
    name, at = column.name, quoted(column.name)
    found_by = (key for key in (*contract.key, name) if contract[key].privacy is Privacy.OPEN)
    shown = dict.fromkeys((*found_by, "source", "source_file", "source_row"))
    rows = f"SELECT {', '.join(map(quoted, shown))} FROM {{batch}} WHERE"

    def rule(proof: Proof, told: str, condition: str, severity: Severity = Severity.ERROR, **more: Any) -> Rule:
        return Rule(
            table, f"{proof}_{name}", proof, severity, f"{name} is {told}.", (name,), f"{rows} {condition}", condition, **more
        )

    if column.required:
        yield rule(Proof.GIVEN, "given in every row", f"{at} IS NULL")
    if column.among:
        allowed = ", ".join("'" + value.replace("'", "''") + "'" for value in column.among)
        told = f"one of {', '.join(column.among)}, or empty"
        yield rule(Proof.AMONG, told, f"{at} NOT IN ({allowed})", values=column.among)
    least, most = column.minimum, column.maximum
    if least is not None or most is not None:
        bounds = (("at least", "<", least), ("at most", ">", most))
        broken = {f"{words} {bound}": f"{at} {sign} {bound}" for words, sign, bound in bounds if bound is not None}
        yield rule(
            Proof.RANGE, f"{' and '.join(broken)}, or empty", " OR ".join(broken.values()), minimum=least, maximum=most
        )
    if column.above is not None:
        yield rule(Proof.ABOVE, f"above {column.above}, or empty", f"{at} <= {column.above}")
    if column.refers_to:
        there, key = column.refers_to.split(".")
        referred = f"(SELECT {quoted(key)} FROM raw.{quoted(there)} WHERE {quoted(key)} IS NOT NULL)"
        # No JOIN and no alias of the batch: great-expectations names the batch in one way where it finds a JOIN in the
        # text and in another where not.
        yield rule(
            Proof.REFERS,
            f"the {key} of a row of {there}, or empty",
            f"{at} NOT IN {referred} AND EXISTS {referred}",
            Severity.WARNING if contract.home is Home.EXPORTS else Severity.ERROR,
        )


def _repeated(by: tuple[str, ...], shown: Iterable[str], more: tuple[str, ...] = ()) -> str:
    """Each combination of `by` that has several rows. An empty cell equals an empty cell, as it does in a grain.

    That is why neither of great-expectations' own rules for uniqueness is used: one skips empty values, and the other,
    over several columns, joins on them with `=` and so loses every row that has one.
    """
    chosen = ", ".join([*map(quoted, shown), "count(*) AS row_count", *more])
    return f"SELECT {chosen} FROM {{batch}} GROUP BY {', '.join(map(quoted, by)) or '()'} HAVING count(*) > 1"


def _once(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]} occur together once" if names[1:] else f"{names[0]} occurs once"
