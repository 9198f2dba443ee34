"""How the deliveries of one source combine, so that no record is counted twice and none is lost.

Nothing is changed in a part: what a newer delivery replaces, or repeats, is listed in a table beside it.
"""

from collections.abc import Sequence

import duckdb

from connectors.profile import Mode
from models import Table
from pipelines.errors import DataRejected

OUT_COLUMNS = "part varchar, row_id bigint, record_status varchar, record_rule varchar"


def quoted_names(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def set_aside(connection: duckdb.DuckDBPyConnection, part: str, table: Table, mapped: Sequence[str], mode: Mode | None,
              key: tuple[str, ...] | None, period: str | None, source: str) -> None:  # fmt: skip
    """List in audit.set_aside the rows of a part that another delivery's rows replace or repeat.

    `mapped` are the contract columns the part has. Raises DataRejected where deliveries overlap under no declared mode.
    """
    key_columns = tuple(name for name in key or supersede_key(table) if name in mapped)
    (deliveries,) = connection.execute(f"select count(distinct delivery_no) from {part}").fetchone() or (0,)
    if deliveries > 1:
        if mode is None:
            refuse_overlap(connection, part, mapped, key_columns, source)
        elif mode is Mode.SNAPSHOT:
            older(connection, part, "delivery_no < (select max(delivery_no) from {part})")
        elif mode is Mode.PERIOD:
            month = f"date_trunc('month', \"{period}\")"
            older(connection, part, f"{month} is not null and delivery_no < "
                  f"(select max(n.delivery_no) from {part} as n where date_trunc('month', n.\"{period}\") = date_trunc('month', p.\"{period}\"))")  # fmt: skip
        elif mode is Mode.KEYED and key_columns:
            same = " and ".join(f'k."{name}" is not distinct from p."{name}"' for name in key_columns)
            connection.execute(
                f"insert into audit.set_aside select '{part}', p.rowid, 'superseded', 'newer delivery' from {part} as p join "
                f"(select {quoted_names(key_columns)}, max(delivery_no) as newest from {part} where {any_given(key_columns)} "
                f"group by all having count(distinct delivery_no) > 1) as k on {same} where p.delivery_no < k.newest"
            )
    if table.name != "spend_line":
        repeated(connection, part, table, mapped)


def supersede_key(table: Table) -> tuple[str, ...]:
    """A document comes anew as a whole: a line that a corrected export no longer has must not stay."""
    return ("document_id",) if table.name == "spend_line" else table.key


def any_given(columns: Sequence[str]) -> str:
    return "(" + " or ".join(f'"{name}" is not null' for name in columns) + ")"


def older(connection: duckdb.DuckDBPyConnection, part: str, when: str) -> None:
    connection.execute(
        f"insert into audit.set_aside select '{part}', p.rowid, 'superseded', 'newer delivery' from {part} as p where {when.format(part=part)}"
    )


def repeated(connection: duckdb.DuckDBPyConnection, part: str, table: Table, mapped: Sequence[str]) -> None:
    """A key stands once in a source: an equal row again is excluded, another row under the same key quarantined."""
    key = [f'coalesce(cast("{name}" as varchar), \'\')' for name in table.key if name in mapped]
    if not key:
        return
    content = f"row({quoted_names(mapped)})"
    connection.execute(
        f"""insert into audit.set_aside
        select '{part}', row_id, case when is_same then 'excluded' else 'quarantined' end,
            case when is_same then 'repeated row' else 'key occurs twice' end
        from (
            select p.rowid as row_id,
                row_number() over same_key as place,
                {content} is not distinct from first_value({content}) over same_key as is_same
            from {part} as p
            anti join (select row_id from audit.set_aside where part = '{part}') as gone on gone.row_id = p.rowid
            where record_status = 'loaded'
            window same_key as (partition by {', '.join(key)} order by p.delivery_no desc, p.rowid)
        ) where place > 1"""
    )


def refuse_overlap(connection: duckdb.DuckDBPyConnection, part: str, mapped: Sequence[str], key: Sequence[str], source: str) -> None:
    """Stop where two deliveries hold the same key or, without a key, the same content, and nothing says what that means."""
    given = key if key else tuple(mapped)
    amount = "sum(amount)" if "amount" in mapped else "null"
    row = connection.execute(
        f"""select count(*), {amount}, min(delivery_no), max(delivery_no) from {part} as p semi join (
            select {quoted_names(given)} from {part} where {any_given(given)} group by all having count(distinct delivery_no) > 1
        ) as k on {' and '.join(f'k."{n}" is not distinct from p."{n}"' for n in given)}"""
    ).fetchone()
    if row is None or row[0] == 0:
        return
    count, money, first, last = row
    names = dict(connection.execute("select delivery_no, source_file from audit.delivery where delivery_no in (?, ?)", [first, last]).fetchall())
    total = f" with a total of {money.normalize():f}" if money is not None else ""
    raise DataRejected(
        f"Source {source}: {count} rows{total} stand in more than one delivery ({names.get(first)}, {names.get(last)}), and no mode says "
        f"whether the newer replaces the older. Add to plumbline.yml: sources: {{{source}: {{mode: keyed}}}} (a row replaces the earlier "
        "row of its key), period (a file replaces its months), snapshot (a file replaces all before it) or append (both count)."
    )
