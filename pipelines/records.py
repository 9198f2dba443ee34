"""What became of every record: the views of those that count, and the audit tables of all of them."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from functools import cache

import duckdb

from models import PROVENANCE, Home, Table, tables
from pipelines.casting import quoted
from pipelines.errors import ConfigError, DataRejected
from pipelines.recognition import near


def part_rows(part: str, is_whole: bool = False) -> str:
    """All records of a part with their final status and where they stand; `is_whole`: none of them was or will be set aside."""
    status = "p.record_status as final_status, p.record_rule as final_rule"
    aside = f" left join (select * from audit.set_aside where part = {quoted(part)}) as s on s.row_id = p.rowid"
    if not is_whole:
        status = "coalesce(s.record_status, p.record_status) as final_status, coalesce(s.record_rule, p.record_rule) as final_rule"
    return (
        f"select p.*, {status}, d.source, d.delivery_id, d.source_file, coalesce(p.line, p.rowid - d.first_row_id + d.first_line) as source_row "
        f"from {part} as p join audit.delivery as d on d.delivery_no = p.delivery_no{'' if is_whole else aside}"
    )


def whole_parts(connection: duckdb.DuckDBPyConnection, parts_of: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """The parts of which nothing is set aside. Of several parts of spend, purchases seen twice are set aside later."""
    some = {part for (part,) in connection.execute("select distinct part from audit.set_aside").fetchall()}
    spend = parts_of.get("spend_line", ())
    return frozenset(part for parts in parts_of.values() for part in parts) - some - (set(spend) if len(spend) > 1 else set())


def raw_view(connection: duckdb.DuckDBPyConnection, table: Table, parts: Sequence[str], whole: Collection[str]) -> None:
    """`raw.<table>`: the records that count, of all sources; there even when nothing fills it."""
    own = ", ".join(f'"{name}"' for name in table.names)
    where = ", ".join(column.name for column in PROVENANCE)
    nothing = ", ".join(
        [f'cast(null as {c.kind.duckdb}) as "{c.name}"' for c in (*table.columns, *PROVENANCE)]
    )
    selects = [f"select {nothing} where false"]
    selects += [f"select {own}, {where} from ({part_rows(part, part in whole)}) where final_status = 'loaded'" for part in parts]
    connection.execute(f"create view raw.{table.name} as {' union all '.join(selects)}")


def write_records(connection: duckdb.DuckDBPyConnection, table: str, part: str, is_whole: bool) -> None:
    """audit.record: how many records and how much money of each file of a part became what; audit.quarantine: the bad ones."""
    money = table == "spend_line"
    month, currency, amount = ("date_trunc('month', posted_on)::date", "currency", "amount") if money else ("null::date", "null", "null::decimal(38, 12)")
    unknown = "count(*) filter (where amount is null)" if money else "0"
    connection.execute(
        f"insert into audit.record select source, '{table}', delivery_id, source_file, {month}, {currency}, final_status, "
        f"case when final_status <> 'loaded' then coalesce(final_rule, 'unreadable') end as rule, count(*), coalesce(sum({amount}), 0), {unknown} "
        f"from ({part_rows(part, is_whole)}) group by all"
    )
    found = connection.execute(
        "select 1 from audit.record as r join audit.delivery as d using (delivery_id, source_file) where d.part = ? and r.status = 'quarantined' limit 1", [part]
    ).fetchone()
    if found:
        connection.execute(
            f"""insert into audit.quarantine
            select source, '{table}', delivery_id, source_file, source_row, split_part(problem, chr(31), 1),
                split_part(problem, chr(31), 3), split_part(problem, chr(31), 2), {amount}, {currency}, {month}
            from (
                select *, unnest(string_split(coalesce(record_problem, chr(31) || final_rule || chr(31)), chr(30))) as problem
                from ({part_rows(part)}) where final_status = 'quarantined'
            )"""
        )


def write_left_out(connection: duckdb.DuckDBPyConnection) -> None:
    """The lines that are no records in audit.record, and those of a wrong width in audit.quarantine."""
    connection.execute(
        "insert into audit.record select d.source, d.table_name, d.delivery_id, d.source_file, null, null, "
        "case when l.rule = 'ragged' then 'quarantined' else 'excluded' end, l.rule, count(*), 0, 0 "
        "from audit.left_out as l join audit.delivery as d using (delivery_no) group by all"
    )
    connection.execute(
        "insert into audit.quarantine select d.source, d.table_name, d.delivery_id, d.source_file, l.source_row, '', l.line_text, l.rule, null, null, null "
        "from audit.left_out as l join audit.delivery as d using (delivery_no) where l.rule = 'ragged'"
    )


def check_edited(connection: duckdb.DuckDBPyConnection) -> None:
    """A file people edit must be right in every cell: say which is not."""
    rows = connection.execute(
        "select q.source_file, q.source_row, q.column_name, q.value, q.rule, q.table_name from audit.quarantine as q join audit.delivery as d using (delivery_id) "
        "where d.home <> 'exports' order by all limit 20"
    ).fetchall()
    if rows:
        lines = "\n".join(f"  {file}, line {line}{told(column, value, mended(rule, table))}" for file, line, column, value, rule, table in rows)
        raise ConfigError(f"Files you edit have rows that can't be taken as they are. Mend them and refresh again:\n{lines}")


def check_references(connection: duckdb.DuckDBPyConnection) -> None:
    """An id that people wrote in a file must be one of the file it refers to, where that has rows. Raises ConfigError."""
    wrong: list[str] = []

    @cache
    def ids(there: str, key: str) -> list[str]:
        return [str(row[0]) for row in connection.execute(f'select distinct "{key}" from raw.{there} where "{key}" is not null order by 1').fetchall()]

    for table in (t for t in tables().values() if t.home is not Home.EXPORTS):
        for column in (c for c in table.columns if c.refers_to):
            there, _, key = str(column.refers_to).partition(".")
            if tables()[there].home is Home.EXPORTS or not (known := ids(there, key)):
                continue
            rows = connection.execute(
                f'select source_file, source_row, "{column.name}" from raw.{table.name} where not list_contains(?, "{column.name}") order by all', [known]
            ).fetchall()
            wrong += [f"  {file}, line {row}, {column.name}: {tables()[there].file_name} has no {value!r}.{near(value, known)}" for file, row, value in rows]
    if wrong:
        more = f"\n  and {len(wrong) - 20} more" if wrong[20:] else ""
        raise ConfigError("Files you edit name what is not there. Mend them and refresh again:\n" + "\n".join(wrong[:20]) + more)


def mended(rule: str, table: str) -> str:
    """A rule with how to keep it."""
    how = {
        "not a date": "; write it as 2026-03-31", "not a month": "; write it as 2026-03", "not a number": "; write it as 1234.56",
        "not yes or no": "; write yes or no", "key occurs twice": f": another line has the same {' and '.join(tables()[table].key)}",
    }  # fmt: skip
    return rule + how.get(rule, "")


def told(column: str, value: str, rule: str) -> str:
    """What is wrong with a cell or, where no column is at fault, with the row."""
    if not column:
        return f": {rule}{f': {value!r}' if value else ''}"
    return f", {column}: {'must not be empty' if rule == 'missing' else f'{value!r} is {rule}' if value else rule}"


def check_quarantine(connection: duckdb.DuckDBPyConnection, limit: Decimal, spend: Sequence[str]) -> None:
    """Above the threshold of bad records or money a source is not trusted, and nothing is published.

    `spend` are the parts of spend lines. Their money is added up without its sign: a credit does not make up for an invoice.
    """
    money = " union all ".join(f"select source, final_status, abs(amount) as amount from ({part_rows(part)})" for part in spend)
    rows = connection.execute(
        f"""with records as (
            select source, sum(record_count) filter (where status = 'quarantined') as bad, sum(record_count) as everything
            from audit.record where status in ('loaded', 'quarantined') group by source
        ), money as (
            select source, sum(amount) filter (where final_status = 'quarantined') as bad_money, sum(amount) as all_money
            from ({money or "select '' as source, '' as final_status, 0 as amount where false"}) where final_status in ('loaded', 'quarantined') group by source
        )
        select source, bad, everything, coalesce(bad_money, 0), coalesce(all_money, 0) from records left join money using (source) where bad > 0 order by source"""
    ).fetchall()
    for source, bad, everything, bad_money, all_money in rows:
        if bad > limit * everything or bad_money > limit * all_money:
            examples = connection.execute(
                "select source_file, source_row, column_name, value, rule from audit.quarantine where source = ? order by all limit 5", [source]
            ).fetchall()
            listed = "\n".join(f"  {file}, row {row}{told(column, value, rule)}" for file, row, column, value, rule in examples)
            raise DataRejected(
                f"Source {source}: {bad} of {everything} records are quarantined, above the threshold of {limit * 100:f} %. Nothing was published.\n"
                f"{listed}\nMend the export or its profile; or raise thresholds: {{quarantine_share: ...}} in plumbline.yml."
            )
