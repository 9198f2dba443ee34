"""One purchase counted once: the same money in a card feed, a bill, the ledger or a cloud bill, found and told.

A step between the ingest and the SQL. DuckDB finds the lines whose amount another source has too, `pairing` says which are
one purchase. One of its lines counts, by a declared order of sources; the others are set aside as counted elsewhere, each with
a row in settings.purchase_match that says why.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from hashlib import md5
from itertools import groupby
from typing import Any

import duckdb

from dbt_like_sql import SqlFile
from pipelines.casting import quoted
from pipelines.pairing import Member, Pair, Unit, purchases

KINDS = {"usage": 0, "invoice": 1, "bill": 1, "credit_note": 1, "journal": 2, "expense": 3, "card": 4}
"""What counts where nobody has decided: the cloud bill, which has most detail, then invoices and bills, the ledger, expense reports, the card."""
UNKNOWN, UNDECLARED = 5, 1_000_000
SCALE = 10_000
"""Amounts are compared as whole ten-thousandths: the smallest unit of any currency, and fast to join."""
VENDORS = "staging.vendor_name"

Order = tuple[int, int, str]
"""What counts first: the declared place of the source, else the kind of its documents, then its name."""


def match_purchases(connection: duckdb.DuckDBPyConnection, parts: Sequence[str], files: Mapping[str, SqlFile]) -> None:
    """Fill settings.purchase_match, and set the copies aside in audit.set_aside and audit.record.

    `parts` are those of spend lines, `files` the SQL files: vendors are told by staging.vendor_name, so that decisions about
    spellings hold here too. Lines after the refreshed month take no part: a month is not changed by what comes after it.
    """
    (sources,) = connection.execute("select count(distinct source) from audit.delivery where table_name = 'spend_line' and state = 'loaded'").fetchone() or (0,)
    if sources < 2:
        return
    units = list(found_units(connection, parts, files[VENDORS].sql))
    declared = dict(connection.execute("select source_name, min(place) from raw.source_order group by 1").fetchall())
    verdicts = connection.execute("select match_id, max_by(verdict, decided_on), max_by(author, decided_on) from raw.purchase_match group by 1").fetchall()
    found, asked = purchases(units, declared, {match_id: (verdict, author) for match_id, verdict, author in verdicts})
    kinds: dict[str, int] = {}
    for unit in units:
        kinds[unit.source] = min(kinds.get(unit.source, UNKNOWN), KINDS.get(str(unit.kind), UNKNOWN))

    def order(unit: Unit) -> Order:
        return int(declared.get(unit.source, UNDECLARED)), kinds[unit.source], unit.source

    told = dict[str, Pair]()
    for pair in sorted(found.pairs, key=lambda p: (p.confidence, p.match_id)):
        told |= {pair.one.unit_id: pair, pair.other.unit_id: pair}
    rows: list[tuple[object, ...]] = []
    aside: list[tuple[str, int, str]] = []
    for group in found.groups():
        counted, *copies = sorted(group.values(), key=order)
        for copy in copies:
            rows += match_rows("matched", told[copy.unit_id], copy, counted)
            aside += [(*member.row, f"the same purchase in {counted.source}") for member in copy.members]
    for pair in asked:
        counted, copy = sorted((pair.one, pair.other), key=order)
        rows += match_rows("asked", pair, copy, counted)
    write(connection, "settings.purchase_match", sorted(rows, key=str))
    if aside:
        set_aside(connection, parts, sorted(aside))


def found_units(connection: duckdb.DuckDBPyConnection, parts: Sequence[str], vendors: str) -> Iterator[Unit]:
    """The lines, and the documents by their total, whose amount another source has too, of the same vendor or invoice number.

    All lines are looked at in a narrow table of numbers; only those with a double are read in full. A month's lines of a bill
    without a number of its own are one document.
    """
    lines = " union all ".join(f"select {quoted(part)} as part, rowid as row_id, * from {part} where record_status = 'loaded' and amount <> 0" for part in parts)
    document = "delivery.source, found.document_id, found.billing_account_id, found.invoice_number, date_trunc('month', found.posted_on), found.vendor_name, found.currency"
    connection.execute(
        f"""create temp table purchase_line as
        select found.part, found.row_id, delivery.source, upper(found.currency) as currency, found.amount,
            cast(found.amount * {SCALE} as bigint) as net, cast((found.amount + coalesce(found.tax_amount, 0)) * {SCALE} as bigint) as gross,
            case when coalesce(found.document_id, found.invoice_number, found.billing_account_id) is not null then hash({document}) end as document_key
        from ({lines}) as found
        join audit.delivery as delivery on delivery.delivery_no = found.delivery_no
        cross join settings.run as run
        anti join audit.set_aside as gone on gone.part = found.part and gone.row_id = found.row_id
        where found.posted_on <= last_day(run.month) and found.currency is not null and abs(found.amount) < 100000000000"""
    )
    connection.execute(
        f"""create temp table purchase_unit as
        with document as (
            select document_key, any_value(source) as source, any_value(currency) as currency, cast(round(sum(amount), 2) * {SCALE} as bigint) as net,
                cast(round(sum(amount) + sum(gross - net) / {SCALE}::decimal(10, 0), 2) * {SCALE} as bigint) as gross
            from purchase_line where document_key is not null group by document_key having count(*) > 1
        ),
        money as (
            select currency, net as value, source from purchase_line
            union all select currency, gross, source from purchase_line where gross <> net
            union all select currency, net, source from document
            union all select currency, gross, source from document where gross <> net
        ),
        twice as (select currency, value from money where value <> 0 group by all having min(source) <> max(source))
        select line.part, line.row_id, line.source, line.currency, line.net, line.gross, null as document_key from purchase_line as line
        left join twice as by_net on by_net.currency = line.currency and by_net.value = line.net
        left join twice as by_gross on by_gross.currency = line.currency and by_gross.value = line.gross
        where by_net.value is not null or by_gross.value is not null
        union all
        select line.part, line.row_id, line.source, line.currency, document.net, document.gross, document.document_key
        from document join purchase_line as line using (document_key)
        left join twice as by_net on by_net.currency = document.currency and by_net.value = document.net
        left join twice as by_gross on by_gross.currency = document.currency and by_gross.value = document.gross
        where by_net.value is not null or by_gross.value is not null"""
    )
    cursor = connection.execute(
        f"""with unit as materialized (
            select
                unit.*, found.document_type, found.posted_on, found.vendor_name, coalesce(found.document_id, found.invoice_number) as document_id, found.amount, found.gl_account,
                vendor.vendor_key, ltrim(regexp_replace(coalesce(found.invoice_number, ''), '[^0-9]', '', 'g'), '0') as number,
                delivery.delivery_id, delivery.source_file, coalesce(found.line, found.row_id - delivery.first_row_id + delivery.first_line) as source_row,
                concat_ws(chr(31), unit.source, found.document_id, found.line_id, found.posted_on, found.vendor_name, found.description, found.amount, found.invoice_number)
                    as identity
            from purchase_unit as unit
            join ({lines}) as found on found.part = unit.part and found.row_id = unit.row_id
            join audit.delivery as delivery on delivery.delivery_no = found.delivery_no
            left join ({vendors}) as vendor on vendor.vendor_name_raw = found.vendor_name
        ),
        marked as (
            select source, currency, net as value, 'v' || vendor_key as mark from unit where vendor_key is not null
            union all select source, currency, gross, 'v' || vendor_key from unit where vendor_key is not null and gross <> net
            union all select source, currency, net, 'n' || number from unit where number <> ''
            union all select source, currency, gross, 'n' || number from unit where number <> '' and gross <> net
        ),
        twice as (select currency, value, mark from marked group by all having min(source) <> max(source))
        select * from unit
        where document_key is not null
            or (currency, net, 'v' || vendor_key) in (select (currency, value, mark) from twice)
            or (currency, gross, 'v' || vendor_key) in (select (currency, value, mark) from twice)
            or (currency, net, 'n' || number) in (select (currency, value, mark) from twice)
            or (currency, gross, 'n' || number) in (select (currency, value, mark) from twice)
        order by document_key nulls first, identity, delivery_id, source_file, source_row"""
    )
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    connection.execute("drop table purchase_line")
    connection.execute("drop table purchase_unit")
    for (key, identity), group in groupby(rows, key=lambda row: (row["document_key"], None if row["document_key"] else row["identity"])):
        if key:
            yield unit(members := list(group), f"document {members[0]['identity']}", is_document=True)
        else:
            for n, row in enumerate(group):
                yield unit([row], f"{identity}{n}")


def unit(rows: Sequence[Mapping[str, Any]], identity: str, is_document: bool = False) -> Unit:
    """A line, or the lines of a document as one, named by what it holds."""
    first = rows[0]
    return Unit(
        md5(identity.encode()).hexdigest()[:12], first["source"], first["document_type"], min(row["posted_on"] for row in rows), first["vendor_key"],
        first["vendor_name"], first["document_id"], first["currency"], first["net"], first["gross"], first["number"],
        tuple(Member((row["part"], row["row_id"]), row["amount"], row["delivery_id"], row["source_file"], row["source_row"], row["gl_account"]) for row in rows), is_document,
    )  # fmt: skip


def money(units: int) -> Decimal:
    """Ten-thousandths as an amount."""
    return Decimal(units).scaleb(-4)


def match_rows(state: str, pair: Pair, copy: Unit, counted: Unit) -> Iterator[tuple[object, ...]]:
    """A row for each line of the copy."""
    first = counted.members[0]
    for member in copy.members:
        yield (
            pair.match_id, state, pair.rule, pair.confidence, pair.evidence, pair.decided_by,
            copy.source, member.delivery_id, member.file, member.line, copy.document_id, copy.vendor_name, copy.posted_on, member.gl_account, member.amount,
            counted.source, first.delivery_id, first.file, first.line, counted.document_id, counted.vendor_name, counted.posted_on, money(counted.net),
            copy.currency, money(copy.net - counted.net),
        )  # fmt: skip


def write(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Append rows as one list a column: there may be hundreds of thousands."""
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        connection.execute(f"insert into {table} select {', '.join('unnest(?)' for _ in columns)}", columns)


def set_aside(connection: duckdb.DuckDBPyConnection, parts: Sequence[str], rows: Sequence[tuple[str, int, str]]) -> None:
    """List the copies in audit.set_aside, and move them in audit.record from what is loaded to what is counted elsewhere."""
    connection.execute("create temp table copied (part varchar, row_id bigint, rule varchar)")
    write(connection, "copied", rows)
    connection.execute("insert into audit.set_aside select part, row_id, 'counted_elsewhere', rule from copied order by all")
    lines = " union all ".join(f"select {quoted(part)} as part, rowid as row_id, delivery_no, posted_on, currency, amount from {part}" for part in parts)
    connection.execute(
        f"""create temp table moved as
        select d.source, d.delivery_id, d.source_file, date_trunc('month', l.posted_on)::date as month, l.currency, copied.rule,
            count(*) as record_count, sum(l.amount) as amount
        from copied join ({lines}) as l using (part, row_id) join audit.delivery as d using (delivery_no) group by all"""
    )
    connection.execute(
        """update audit.record as r set record_count = r.record_count - m.record_count, amount = r.amount - m.amount
        from (select * exclude (rule, record_count, amount), sum(record_count) as record_count, sum(amount) as amount from moved group by all) as m
        where r.table_name = 'spend_line' and r.status = 'loaded' and r.source = m.source and r.delivery_id = m.delivery_id
            and r.source_file = m.source_file and r.month = m.month and r.currency = m.currency"""
    )
    connection.execute("delete from audit.record where status = 'loaded' and record_count = 0")
    connection.execute(
        "insert into audit.record select source, 'spend_line', delivery_id, source_file, month, currency, 'counted_elsewhere', rule, record_count, amount, 0 "
        "from moved order by all"
    )
    connection.execute("drop table copied")
    connection.execute("drop table moved")
