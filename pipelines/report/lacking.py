"""Which figures a missing delivery feeds: from the SELECT of a figure down to the contracts that its rows come from."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

import duckdb

from dbt_like_sql import REPORT, read
from pipelines.findings import NO_RATE

RAW = "raw."
STATE = re.compile(r"(\w+) for this month")


@cache
def contracts() -> Mapping[str, frozenset[str]]:
    """For each figure the contracts that it rests on, however many tables lie between."""
    found: dict[str, frozenset[str]] = {}
    for name, file in read().items():
        found[name] = frozenset().union(*(found.get(table, {table.removeprefix(RAW)} if table.startswith(RAW) else frozenset()) for table in file.reads))
    return {name.removeprefix(f"{REPORT}."): tables for name, tables in found.items() if name.startswith(f"{REPORT}.")}


def lacking(connection: duckdb.DuckDBPyConnection, incomplete: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """For each figure that rests on what is missing the sources that it lacks, as `cloud (missing)`; nothing where the month is complete.

    `incomplete` are the sentences of a refresh, each `source: what is wrong`. A source of which nobody knows what it
    delivers is named for every figure.
    """
    if not incomplete:
        return {}
    tables: dict[tuple[str, str | None], set[str | None]] = {}
    for source, table, state in connection.execute(
        "select s.source, s.table_name, c.state from settings.source as s cross join settings.run as r "
        "left join audit.completeness as c on c.source = s.source and c.table_name is not distinct from s.table_name and c.month = r.month"
    ).fetchall():
        tables.setdefault((source, None), set()).add(table)
        tables.setdefault((source, state), set()).add(table)
    refused = {source for (source,) in connection.execute("select distinct source from audit.delivery where state = 'refused'").fetchall()}
    found: dict[str, list[str]] = {}
    for line in incomplete:
        source, _, message = line.partition(":")
        told = STATE.fullmatch(message.strip())
        word = told[1] if told else "money without a rate" if NO_RATE in message else "a file was refused" if source in refused else "not read"
        missing = tables.get((source, word)) or tables.get((source, None)) or {None}
        for figure, rests_on in contracts().items():
            if None in missing or missing & rests_on:
                found[figure] = [*found.get(figure, []), f"{source} ({word})"]
    return {figure: list(dict.fromkeys(names)) for figure, names in found.items()}


def sentence(names: Sequence[str]) -> str:
    """Incomplete: cloud (missing) and card (late) feed this figure."""
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"Incomplete: {listed} {'feeds' if len(names) == 1 else 'feed'} this figure."
