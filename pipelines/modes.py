"""How the deliveries of one source combine, so that no record is counted twice and none is lost.

Nothing is changed in a part: what a newer delivery replaces, or repeats, is listed in a table beside it. All files of
one delivery, such as the members of a zip, stand together: none of them replaces another.
"""

from collections.abc import Sequence

import duckdb

from connectors.profile import Mode
from models import Kind, Table
from pipelines.doubts import Received, refuse_parts, refuse_reused
from pipelines.errors import ConfigError, DataRejected


def quoted_names(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def set_aside(connection: duckdb.DuckDBPyConnection, part: str, table: Table, mapped: Sequence[str], mode: Mode | None,
              key: tuple[str, ...] | None, period: str | None, source: str, received: Received | None = None) -> None:  # fmt: skip
    """List in audit.set_aside the rows of a part that another delivery's rows replace or repeat.

    `mapped` are the contract columns the part has; `received` are the files that stand under the mode of their profile, which
    is doubted. Raises DataRejected where deliveries overlap under no declared mode, or would replace what they do not hold.
    """
    key_columns = tuple(name for name in key or supersede_key(table) if name in mapped)
    period = period or next((c.name for c in table.columns if c.required and c.kind in (Kind.DAY, Kind.MONTH) and c.name in mapped), None)
    if mode is Mode.KEYED and not key_columns:
        raise ConfigError(f"Source {source}: mode keyed needs {' and '.join(key or supersede_key(table))}, which its profile maps to no column. {settled(source, bool(period), False)}")
    if mode is Mode.PERIOD and not period:
        raise ConfigError(f"Source {source}: mode period needs a day or month in each row, and its profile maps none. {settled(source, False, bool(key_columns))}")
    (deliveries,) = connection.execute("select count(distinct delivery_id) from audit.delivery where part = ?", [part]).fetchone() or (0,)
    if deliveries > 1:
        match mode:
            case None:
                refuse_overlap(connection, part, mapped, key_columns, source, settled(source, bool(period), bool(key_columns)))
            case Mode.SNAPSHOT:
                replaced(connection, part, "'all'")
            case Mode.PERIOD:
                if received and table.name == "spend_line":
                    refuse_parts(connection, part, mapped, str(period), source, received)
                replaced(connection, part, f'date_trunc(\'month\', p."{period}")')
            case Mode.KEYED if key_columns:
                if received and {"document_id", "vendor_name"} <= set(mapped):
                    refuse_reused(connection, part, key_text(key_columns), source, received)
                replaced(connection, part, key_text(key_columns))
            case Mode.APPEND:
                came_again(connection, part)
    if table.name != "spend_line":
        repeated(connection, part, table, mapped)


def supersede_key(table: Table) -> tuple[str, ...]:
    """A document comes anew as a whole: a line that a corrected export no longer has must not stay."""
    return ("document_id",) if table.name == "spend_line" else table.key


def ordered(part: str, place: str) -> str:
    """A SELECT of row_id, delivery (ids sort in the order in which deliveries came) and place of every row of a part."""
    return f"select p.rowid as row_id, d.delivery_id as delivery, {place} as place from {part} as p join audit.delivery as d on d.delivery_no = p.delivery_no"


def key_text(columns: Sequence[str]) -> str:
    """One text for the key of a row, null where none of its columns is given."""
    texts = [f'cast(p."{name}" as varchar)' for name in columns]
    whole = ", ".join(f"coalesce({text}, '')" for text in texts)
    return texts[0] if len(texts) == 1 else f"case when coalesce({', '.join(texts)}) is not null then concat_ws(chr(31), {whole}) end"


def replaced(connection: duckdb.DuckDBPyConnection, part: str, place: str) -> None:
    """Set aside each row whose place (its key, its month) a newer delivery has too.

    A row without a place goes with the rest of its delivery: when a corrected file replaced all others, the line whose
    date could not be read is mended there as well.
    """
    connection.execute(
        f"""insert into audit.set_aside
        with placed as ({ordered(part, place)}),
        newest as (select place, max(delivery) as newest from placed where place is not null group by place),
        judged as (select row_id, delivery, place, delivery < newest as is_old from placed left join newest using (place)),
        gone as (select delivery from judged where place is not null group by delivery having bool_and(is_old))
        select '{part}', row_id, 'superseded', 'newer delivery' from judged
        where coalesce(is_old, delivery in (select delivery from gone))"""
    )


def came_again(connection: duckdb.DuckDBPyConnection, part: str) -> None:
    """Set aside what has the bytes of an earlier delivery: a file that was changed and changed back adds nothing."""
    connection.execute(
        f"""insert into audit.set_aside
        with first as (select sha256, min(delivery_id) as first from audit.delivery where part = '{part}' group by sha256)
        select '{part}', p.rowid, 'excluded', 'the same bytes again' from {part} as p
        join audit.delivery as d on d.delivery_no = p.delivery_no join first using (sha256) where d.delivery_id > first.first"""
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
            join audit.delivery as d on d.delivery_no = p.delivery_no
            anti join (select row_id from audit.set_aside where part = '{part}') as gone on gone.row_id = p.rowid
            where p.record_status = 'loaded'
            window same_key as (partition by {', '.join(key)} order by d.delivery_id desc, p.rowid)
        ) where place > 1"""
    )


def refuse_overlap(connection: duckdb.DuckDBPyConnection, part: str, mapped: Sequence[str], key: Sequence[str], source: str, fix: str) -> None:
    """Stop where two deliveries hold the same key or, without a key, the same content, and nothing says what that means."""
    content = key_text(tuple(mapped))
    place = f"coalesce({key_text(key)}, {content})" if key else content
    currency, amount = ("p.currency", "p.amount") if "amount" in mapped else ("null", "null")
    rows = connection.execute(
        f"""with placed as ({ordered(part, place)}),
        known as (select place, min(delivery) as first from placed group by place having count(distinct delivery) > 1)
        select {currency}, count(*), sum({amount}), min(known.first), max(placed.delivery)
        from placed join known using (place) join {part} as p on p.rowid = placed.row_id
        where placed.delivery > known.first and p.record_status <> 'excluded' group by 1 order by 1"""
    ).fetchall()
    if not rows:
        return
    count = sum(row[1] for row in rows)
    money = " and ".join(f"{row[2].normalize():f} {row[0] or 'in no currency'}" for row in rows if row[2] is not None)
    files = dict(connection.execute("select delivery_id, min(source_file) from audit.delivery group by 1").fetchall())
    first, last = files[min(row[3] for row in rows)], files[max(row[4] for row in rows)]
    raise DataRejected(
        f"Source {source}: {count} rows{f' ({money})' if money else ''} of {last} stand in {first} already, and nothing says whether a newer file "
        f"replaces an older one. Nothing was published. {fix}"
    )


def settled(source: str, has_period: bool, has_key: bool) -> str:
    """The line of plumbline.yml that settles how deliveries combine, with the modes that are possible."""
    modes = [("keyed", "a row replaces the earlier row of its key")] if has_key else []
    modes += [("period", "a file replaces its months")] if has_period else []
    modes += [("snapshot", "a file replaces all before it"), ("append", "both count")]
    (first, meaning), *others = modes
    rest = ", ".join(f"{mode} ({told})" for mode, told in others[:-1])
    last = f"{others[-1][0]} ({others[-1][1]})"
    return f"Add to plumbline.yml: sources: {{{source}: {{mode: {first}}}}} ({meaning}){f', {rest}' if rest else ''} or {last}."
