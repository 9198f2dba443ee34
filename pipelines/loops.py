"""Files that people edit may say that things wait for each other in a circle; then nothing can be planned or shared out."""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

import duckdb

from pipelines.errors import ConfigError
from pipelines.recognition import near

Edge = tuple[str, str, str, int]
"""What waits, what it waits for, and the file and line that say so."""


def refuse(connection: duckdb.DuckDBPyConnection) -> None:
    """Raise ConfigError, with file and line, for initiatives that wait for each other and pools that feed each other."""
    initiatives = connection.execute(
        "select initiative_id, unnest(string_split_regex(trim(predecessor_ids), '[\\s,;]+')), source_file, source_row from raw.initiative "
        "where trim(coalesce(predecessor_ids, '')) <> '' order by all"
    ).fetchall()
    known = [str(row[0]) for row in connection.execute("select distinct initiative_id from raw.initiative order by 1").fetchall()]
    unknown = [f"  {file}, line {line}, predecessor_ids: initiatives.csv has no {name!r}.{near(name, known)}" for _, name, file, line in initiatives if name not in known]
    if unknown:
        raise ConfigError("Initiatives wait for what is not there. Mend the file and refresh again:\n" + "\n".join(unknown[:20]))
    pools = connection.execute(
        "select pool_id, to_pool_id, source_file, source_row from raw.allocation_weight where to_pool_id is not null and weight > 0 order by all"
    ).fetchall()
    refuse_loop(initiatives, "Initiatives wait for each other", "take one of the ids out of predecessor_ids")
    refuse_loop(pools, "Pools of shared cost feed each other", "take out one of these lines")


def refuse_loop(edges: Iterable[Edge], told: str, mend: str) -> None:
    """Raise ConfigError where the edges run in a circle: it names every step with the line that makes it."""
    said = {(start, end): f"{file}, line {line}" for start, end, file, line in edges}
    loop = loop_of(said)
    if loop:
        steps = "\n".join(f"  {start} -> {end}: {said[start, end]}" for start, end in pairwise(loop))
        raise ConfigError(f"{told}: {' -> '.join(loop)}. To mend it, {mend}:\n{steps}")


def loop_of(edges: Iterable[tuple[str, str]] | Mapping[tuple[str, str], str]) -> list[str]:
    """A circle of the edges as its nodes, the first of them again at the end; empty where there is none."""
    graph: dict[str, list[str]] = {}
    for start, end in sorted(edges):
        graph.setdefault(start, []).append(end)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []
