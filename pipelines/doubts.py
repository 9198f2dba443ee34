"""What a mode would replace, and should not: the next part of a bill, another account, a number that was given anew.

A profile says how an export's deliveries combine as they usually come. Where the files at hand are of another kind, its
mode would drop money without a word; so they are held against each other first. A mode in plumbline.yml is the company's
own word and is not doubted.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import duckdb

from pipelines.errors import DataRejected

RESTATED = frozenset({"amount", "tax_amount", "booked_fx_rate", "line_id", "invoice_number"})
"""What may differ where a bill was restated: amounts, and the numbers that it gets when it is final."""
TOGETHER, LATER = "0.5", "0.1"
"""Least share of a file's lines that the one replacing it must hold again, where both came at once and where it came later."""

Received = Mapping[str, tuple[str, str]]
"""Delivery -> when it was received, and its file."""


def refuse_parts(connection: duckdb.DuckDBPyConnection, part: str, mapped: Sequence[str], period: str, source: str, received: Received) -> None:
    """Stop where a file would replace a month of another file without holding its lines again.

    Of two files that came together neither is known to be newer: lines must then be equal with their amounts. A file
    that came later may have changed them. One of the same name is always the newer one. Raises DataRejected.
    """
    exact, loose = (", ".join(f'p."{name}"' for name in names) for names in (mapped, [name for name in mapped if name not in RESTATED]))
    rows = connection.execute(
        f"""with came as (select unnest(?) as delivery, unnest(?) as received_at, unnest(?) as file),
        placed as (
            select came.*, date_trunc('month', p."{period}")::date as place, p.amount, p.currency, hash({exact}) as exact, hash({loose}) as loose
            from {part} as p join audit.delivery as d on d.delivery_no = p.delivery_no join came on came.delivery = d.delivery_id
            where p.record_status = 'loaded'
        ),
        newest as (
            select place, max(delivery) as newer, max_by(received_at, delivery) as newer_at, max_by(file, delivery) as newer_file
            from placed group by place having count(distinct delivery) > 1
        ),
        old as (
            select place, delivery, file, newer_file, received_at = newer_at as is_together, if(is_together, exact, loose) as mark, currency,
                count(*) as lines, sum(amount) as amount
            from placed join newest using (place) where delivery < newer and file <> newer_file group by all
        ),
        new as (
            select place, unnest([true, false]) as is_together, unnest([exact, loose]) as mark
            from placed join newest using (place) where delivery = newer
        ),
        counted as (select place, is_together, mark, count(*) as lines from new group by all),
        held as (select old.*, least(old.lines, coalesce(counted.lines, 0)) as again from old left join counted using (place, is_together, mark)),
        lost as (select place, delivery from held group by all having sum(again) < sum(lines) * if(bool_or(is_together), {TOGETHER}, {LATER}))
        select file, newer_file, place, currency, sum(lines), sum(amount), sum(again) from held semi join lost using (place, delivery) group by all order by all""",
        [list(received), [at for at, _ in received.values()], [file for _, file in received.values()]],
    ).fetchall()
    if not rows:
        return
    file, newer, month = rows[0][:3]
    told = [row for row in rows if row[:3] == (file, newer, month)]
    lines, again = sum(row[4] for row in told), sum(row[6] for row in told)
    raise DataRejected(
        f"Source {source}: {newer} would replace the {lines} lines ({money({row[3]: row[5] for row in told})}) of {month:%Y-%m} in {file}, and holds {again or 'none'} of them again. "
        f"Nothing was published. If they are parts of one bill, pack them into one zip. If they are of two accounts, give one a source of its own: "
        f"sources: {{{source}_2: {{files: {newer.removeprefix('exports/')}}}}}. If the month came anew, add to plumbline.yml: sources: {{{source}: {{mode: period}}}}"
        f" (a file replaces its months); if all count, append."
    )


def refuse_reused(connection: duckdb.DuckDBPyConnection, part: str, key: str, source: str, received: Received) -> None:
    """Stop where a document would replace one of another vendor and another month: its number was given anew, as ledgers do each
    year. `key`: SQL of a row's key. Raises DataRejected."""
    rows = connection.execute(
        f"""with came as (select unnest(?) as delivery, unnest(?) as file),
        document as (
            select came.delivery, came.file, {key} as place, list(distinct p.vendor_name) as vendors, list(distinct date_trunc('month', p.posted_on)) as months,
                min(p.vendor_name) as vendor, min(p.posted_on) as posted_on, p.currency, sum(p.amount) as amount
            from {part} as p join audit.delivery as d on d.delivery_no = p.delivery_no join came on came.delivery = d.delivery_id
            where p.record_status = 'loaded' and p.vendor_name is not null group by all
        ),
        newest as (select place, max(delivery) as newer from document where place is not null group by place having count(distinct delivery) > 1)
        select old.place, old.vendor, old.posted_on, old.file, new.vendor, new.posted_on, new.file, old.currency, old.amount
        from newest join document as old on old.place = newest.place and old.delivery < newest.newer
        join document as new on new.place = newest.place and new.delivery = newest.newer
        where not list_has_any(old.vendors, new.vendors) and not list_has_any(old.months, new.months) order by all""",
        [list(received), [file for _, file in received.values()]],
    ).fetchall()
    if not rows:
        return
    place, vendor, posted_on, file, other, other_on, newer = rows[0][:7]
    sums: dict[str | None, Decimal] = {}
    for row in rows:
        sums[row[7]] = sums.get(row[7], Decimal(0)) + row[8]
    raise DataRejected(
        f"Source {source}: document {str(place).replace(chr(31), ' ')} is of {vendor}, {posted_on}, in {file} and of {other}, {other_on}, in {newer}. {len(rows)} documents ({money(sums)}) "
        f"would be replaced by such others; are numbers given anew each year? Nothing was published. Add the day to the profile's key, "
        f"key: [document_id, posted_on], or, where the newer ones do replace the older, add to plumbline.yml: sources: {{{source}: {{mode: keyed}}}}."
    )


def money(sums: Mapping[str | None, Decimal | None]) -> str:
    """Amounts by currency, in words."""
    return " and ".join(f"{total.normalize():f} {code or 'in no currency'}" for code, total in sums.items() if total is not None) or "no amount"
