"""Functions that SQL files call where SQL has no words: statistics, simulation, a solver.

One module a function, found by looking: a module here has a `FUNCTION`. The table stays a SELECT, so its columns, lineage,
checks and cases are those of any other; only the published result is kept, which needs no function to be read. A function is
pure: the same arguments give the same answer in any order, on any number of threads. Libraries that take a second to
import are imported when it is called.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import duckdb


@dataclass(frozen=True)
class Function:
    """A scalar function for SQL: DuckDB types of what it takes and returns; nulls reach it as None, structs as dicts, lists as lists."""

    name: str
    parameters: tuple[str, ...]
    returns: str
    call: Callable[..., Any]


@cache
def functions() -> Mapping[str, Function]:
    """Every function by name."""
    found = [import_module(f"{__name__}.{module.name}").FUNCTION for module in iter_modules(__path__)]
    return {function.name: function for function in found}


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the functions known to a connection. Close it when done: an open one that knows Python functions complains at exit."""
    for f in functions().values():
        connection.create_function(f.name, f.call, [duckdb.sqltype(p) for p in f.parameters], duckdb.sqltype(f.returns), null_handling="special")  # type: ignore[arg-type]
