"""Prove the rules on a built warehouse.

Three provers, one kind of result. Values, references, keys and row counts of the contracts are proved by
great-expectations: whether all hold by one expectation, and where not, each of a table by its own. Columns and types are compared with DuckDB's catalogue in one
query, since a table without rows has columns too. Grains of SQL files are one SELECT each: great-expectations spends
about 10 ms an expectation on itself, and fifty more tables would add half a second to every refresh. A table without
rows has nothing to prove but its columns, so that an empty workspace does not wait for great-expectations at all.

Which rows break a rule is always asked by a SELECT of ours in a total order, so that two refreshes of the same data
show the same five.
"""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from types import ModuleType
from typing import Any

import duckdb

import models
from models import Table
from pipelines.expectations.suites import (
    Proof,
    Rule,
    Severity,
    broken,
    expectations_of,
    expectations_of_grain,
    hidden_columns,
    quoted,
)

SAMPLE_ROWS = 5
UNUSED = ("scipy.stats", "altair")
"""What great-expectations imports for rules that no contract has."""

Sample = Mapping[str, str | int | bool | None]


@dataclass(frozen=True)
class CheckResult:
    """How one rule came out.

    `violations` counts what breaks it: rows; keys or grains that occur more than once; columns; for a row count, rows
    too many or too few. It is 0 for a rule that could not be evaluated, which has not passed either. `observed` says in
    words what was found. `sample` shows up to five of the violations, dates and decimals as text.
    """

    table: str
    name: str
    description: str
    severity: str
    passed: bool
    observed: str
    violations: int
    sample: tuple[Sample, ...] = ()


def run(
    connection: duckdb.DuckDBPyConnection,
    tables: Mapping[str, Table],
    sql_grains: Mapping[str, tuple[str, ...]],
    row_counts: Mapping[str, int] | None = None,
) -> list[CheckResult]:
    """Every rule of every contract in `tables` and of every grain, in that order, on what `connection` has committed.

    `tables` is contracts by name, as `models.tables()` gives them; `sql_grains` the grain by schema-qualified name;
    `row_counts`, where known, how many rows the ingest loaded into each contract. Nothing is written. A rule that
    cannot be evaluated has not passed; raises duckdb.Error where a contract's table cannot be read at all.
    """
    columns = _columns(connection)
    loaded = row_counts or {}
    suites = [expectations_of(table, loaded.get(name)) for name, table in tables.items()]
    there = [suite for suite in suites if suite[0].table in columns]
    filled = _with_rows(connection, [suite[0].table for suite in there])
    expected = {rule.table for suite in there for rule in suite if rule.row_count}
    to_prove = {suite[0].table: suite[1:] for suite in there if suite[0].table in filled | expected}
    proved = _great_expectations(connection, to_prove) if to_prove else {}

    results: list[CheckResult] = []
    for suite in suites:
        results.append(_columns_result(suite[0], columns.get(suite[0].table)))
        results += [proved.get((rule.table, rule.name)) or _nothing_to_prove(rule, columns) for rule in suite[1:]]
    hidden = hidden_columns({**models.tables(), **tables})
    there_with_key = [name for name, grain in sql_grains.items() if columns.get(name, {}).keys() >= set(grain)]
    unrepeated = set(there_with_key) - _with_rows(connection, there_with_key, more_than=1)
    for name, grain in sql_grains.items():
        rules = expectations_of_grain(name, grain, hidden)
        results += [_passed(rule) if name in unrepeated else _by_select(connection, rule) for rule in rules]
    return results


def _great_expectations(
    connection: duckdb.DuckDBPyConnection, suites: Mapping[str, Sequence[Rule]]
) -> dict[tuple[str, str], CheckResult]:
    gx = import_great_expectations()
    from pipelines.expectations.dialect import attach

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    results = {(table, rule.name): _passed(rule) for table, rules in suites.items() for rule in rules}
    with attach(connection) as url:
        doubtful = _doubtful(gx, context, url, connection, suites)
        # All assets at once: each one added later serialises the whole context to YAML.
        assets = [_asset(table, f"SELECT * FROM {quoted(table)}") for table in doubtful]
        warehouse = context.data_sources.add_sql("doubtful", connection_string=url, assets=assets) if assets else None
        for table in doubtful:
            rules, batch = suites[table], _batch(warehouse, table)
            # First only whether; how many is a second question, to the few that fail.
            verdicts = _validate(gx, batch, rules, "BOOLEAN_ONLY")
            failed = [rule for rule in rules if not verdicts[rule.name].success]
            counts = _validate(gx, batch, failed, "BASIC") if failed else {}
            results |= {(table, rule.name): _failed(connection, rule, counts[rule.name]) for rule in failed}
    return results


def _doubtful(
    gx: Any, context: Any, url: str, connection: duckdb.DuckDBPyConnection, suites: Mapping[str, Sequence[Rule]]
) -> list[str]:
    """The tables of which some rule may not hold: mostly none, which one expectation about one SELECT tells.

    great-expectations spends some 15 ms on each expectation, and a company of forty tables has 450. So only where
    something is broken, or can't be asked, is each rule of such a table asked by its own.
    """
    asked = " UNION ALL ".join(filter(None, map(broken, suites.values())))
    if not asked:
        return []
    warehouse = context.data_sources.add_sql("warehouse", connection_string=url, assets=[_asset("broken", asked)])
    holds = gx.expectations.ExpectTableRowCountToEqual(value=0)
    if _batch(warehouse, "broken").validate(holds, result_format="BOOLEAN_ONLY").success:
        return []
    try:
        found = {table for (table,) in connection.execute(f"SELECT DISTINCT broken FROM ({asked})").fetchall()}
    except duckdb.Error:
        return list(suites)
    return [table for table in suites if table in found]


def _asset(name: str, query: str) -> dict[str, Any]:
    return {"type": "query", "name": name, "query": query, "batch_definitions": [{"name": "all", "partitioner": None}]}


def _batch(warehouse: Any, asset: str) -> Any:
    return warehouse.get_asset(asset).get_batch_definition("all").get_batch()


class _Later(ModuleType):
    """A module that is imported when something is asked of it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def import_great_expectations() -> Any:
    """Import great-expectations (seconds) with its telemetry off: it decides at import, and asks the environment.

    Two fifths of the time went to libraries that only expectations of distributions and their pictures use.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    for name in UNUSED:
        sys.modules.setdefault(name, _Later(name))
    import great_expectations

    return great_expectations


def _validate(gx: Any, batch: Any, rules: Iterable[Rule], result_format: str) -> dict[str, Any]:
    suite = gx.ExpectationSuite(name="contract", expectations=[_expectation(gx.expectations, rule) for rule in rules])
    return {
        result.expectation_config.meta["rule"]: result
        for result in batch.validate(suite, result_format=result_format).results
    }


def _expectation(gxe: Any, rule: Rule) -> Any:
    common = {
        "severity": "critical" if rule.severity is Severity.ERROR else "warning",
        "description": rule.description,
        "meta": {"rule": rule.name},
    }
    match rule.proof:
        case Proof.GIVEN:
            return gxe.ExpectColumnValuesToNotBeNull(column=rule.columns[0], **common)
        case Proof.AMONG:
            return gxe.ExpectColumnValuesToBeInSet(column=rule.columns[0], value_set=list(rule.values), **common)
        case Proof.RANGE:
            bounds = {"min_value": rule.minimum, "max_value": rule.maximum}
            return gxe.ExpectColumnValuesToBeBetween(column=rule.columns[0], **bounds, **common)
        case Proof.ROW_COUNT:
            return gxe.ExpectTableRowCountToEqual(value=rule.row_count, **common)
        case _:
            return gxe.UnexpectedRowsExpectation(unexpected_rows_query=rule.violations, **common)


def _failed(connection: duckdb.DuckDBPyConnection, rule: Rule, result: Any) -> CheckResult:
    if raised := _raised(result.exception_info):
        return _unknown(rule, raised)
    if rule.proof is Proof.ROW_COUNT:
        found = int(result.result["observed_value"])
        return _result(rule, f"{found} rows", abs(found - (rule.row_count or 0)))
    counted = result.result.get("unexpected_count", result.result.get("observed_value"))
    return _result(rule, f"{counted} violations", int(counted), _sample(connection, rule))


def _raised(exception_info: Mapping[str, Any]) -> str:
    """What great-expectations could not do: one exception, or several by the metric that failed."""
    infos = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    return "; ".join(str(info["exception_message"]) for info in infos if info["raised_exception"])


def _by_select(connection: duckdb.DuckDBPyConnection, rule: Rule) -> CheckResult:
    rows = rule.violations.replace("{batch}", quoted(rule.table))
    try:
        if rule.columns and _all_hashes_differ(connection, rule):
            return _passed(rule)
        (counted,) = connection.execute(f"SELECT count(*) FROM ({rows})").fetchone() or (0,)
        return _result(rule, f"{counted} violations", counted, _sample(connection, rule)) if counted else _passed(rule)
    except duckdb.Error as error:
        return _unknown(rule, str(error))


def _all_hashes_differ(connection: duckdb.DuckDBPyConnection, rule: Rule) -> bool:
    """Whether every row's hash of the rule's columns is its own, which proves them unique at a third of the cost of grouping by them."""
    hashed = f"hash({', '.join(map(quoted, rule.columns))})"
    (repeated,) = connection.execute(f"SELECT count(*) - count(DISTINCT {hashed}) FROM {quoted(rule.table)}").fetchone() or (1,)
    return repeated == 0


def _sample(connection: duckdb.DuckDBPyConnection, rule: Rule) -> tuple[Sample, ...]:
    rows = rule.violations.replace("{batch}", quoted(rule.table))
    found = connection.execute(f"FROM ({rows}) ORDER BY ALL LIMIT {SAMPLE_ROWS}")
    names = [column[0] for column in found.description]
    return tuple(dict(zip(names, map(_plain, row), strict=True)) for row in found.fetchall())


def _plain(value: Any) -> str | int | bool | None:
    if value is None or isinstance(value, (int, str)):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Type by column, by schema-qualified table or view."""
    found: dict[str, dict[str, str]] = {}
    rows = connection.execute(
        "SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = current_database() AND NOT internal ORDER BY schema_name, table_name, column_index"
    ).fetchall()
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found


def _with_rows(connection: duckdb.DuckDBPyConnection, tables: Sequence[str], more_than: int = 0) -> set[str]:
    if not tables:
        return set()
    # Not EXISTS beside EXISTS in one SELECT: DuckDB joins them all, which takes three times as long.
    asked = " UNION ALL ".join(f"SELECT {place}, count(*) FROM (FROM {quoted(table)} LIMIT {more_than + 1})" for place, table in enumerate(tables))
    return {tables[place] for place, counted in connection.execute(asked).fetchall() if counted > more_than}


def _columns_result(rule: Rule, found: Mapping[str, str] | None) -> CheckResult:
    if found is None:
        return _result(rule, "the table is not there", len(rule.columns))
    wanted = dict(zip(rule.columns, rule.values, strict=True))
    wrong = [
        *(f"{name} is missing" for name in wanted if name not in found),
        *(f"{name} is not in the contract" for name in found if name not in wanted),
        *(f"{name} is {found[name]}, not {kind}" for name, kind in wanted.items() if found.get(name, kind) != kind),
    ]
    if not wrong and list(found) != list(wanted):
        wrong = [f"{name} is out of order" for name, other in zip(found, wanted, strict=True) if name != other]
    return _result(rule, "; ".join(wrong), len(wrong)) if wrong else _passed(rule)


def _nothing_to_prove(rule: Rule, columns: Mapping[str, object]) -> CheckResult:
    return _result(rule, "no rows", 0) if rule.table in columns else _unknown(rule, "the table is not there")


def _passed(rule: Rule) -> CheckResult:
    return _result(rule, "no violations", 0)


def _unknown(rule: Rule, why: str) -> CheckResult:
    told = f"could not be checked: {' '.join(why.split())}"
    return CheckResult(rule.table, rule.name, rule.description, rule.severity.value, False, told, 0)


def _result(rule: Rule, observed: str, violations: int, sample: tuple[Sample, ...] = ()) -> CheckResult:
    return CheckResult(
        rule.table, rule.name, rule.description, rule.severity.value, not violations, observed, violations, sample
    )
