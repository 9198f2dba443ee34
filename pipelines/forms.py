"""The forms of numbers, words, days and instants as DuckDB SQL over the text of a cell.

DuckDB's own casts are too kind ('0x1F' is 31, '1_000' is 1000, '10.5' is 11 as an integer), so every text
must first match the grammar of its form, which is the one that `connectors.values` and `connectors.days`
read by. Each result is NULL where the text is, and where it is not of the form.
"""

import re
from collections.abc import Iterable

from connectors import days
from connectors.days import ISO, MONTH_SHAPES, SHAPES, DateFormat, Shape
from connectors.values import (
    AFTER,
    CODE,
    CORE,
    KNOWN_CODE,
    NEGATIVE,
    NO,
    PERCENT,
    PERCENTAGE,
    SEVERAL,
    SIGNS,
    YES,
    NumberFormat,
)

_CLOCK6 = r"[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"
_FOUR_DIGITS = r"[0-3]?[0-9](?:/[0-3]?[0-9]/|\.[0-3]?[0-9]\.|-[0-3]?[0-9]-)(?:19|20|21)[0-9]{2}"
USUAL_COUNT = "-?[0-9]{1,18}"
USUAL_MONTH = "(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])"
_ZULU = ".*[0-9] ?(?:Z|UTC|GMT)"
_OFFSET = rf":[0-9]{{2}}(?:[.,][0-9]+)?(?:{days.HALF})? ?({days.OFFSET})$"
_TOLD = f".*:.*{days.OFFSET}"


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def matches(expr: str, pattern: str) -> str:
    """BOOLEAN: the whole text is of a pattern."""
    return f"regexp_full_match({expr}, {quoted(pattern)})"


def one_of(expr: str, texts: Iterable[str]) -> str:
    """BOOLEAN: the text is one of these. A pattern, since DuckDB makes a join of an IN list or of list_contains, which loses the order of a file's rows."""
    return matches(expr, "|".join(map(re.escape, texts)))


def usual_number(form: NumberFormat) -> str:
    """The look of a number as programs write it."""
    return f"-?[0-9]+(?:{re.escape(form.decimal)}[0-9]+)?"


def number_sql(expr: str, form: NumberFormat, usual: bool = False, fits: str | None = None) -> str:
    """DECIMAL(38,12), or NULL where the text is no number of this form.

    Digits beyond the twelfth decimal, which only cloud bills have, are rounded half away from zero; a number
    of more than 26 integer digits is not read. `usual`: every text is known to have the look of `usual_number`.
    `fits`: SQL of what must hold of a number that a currency may stand beside.
    """
    wide = "DECIMAL(38,12)"
    if usual:
        return f"try_cast(replace({expr}, {quoted(form.decimal)}, '.') as {wide})"
    core = f"regexp_replace(regexp_extract({expr}, {quoted(CORE)}), '[^0-9{form.decimal}]', '', 'g')"
    whole, bare = (expr, core) if form.decimal == "." else (f"replace({expr}, ',', '.')", f"replace({core}, ',', '.')")
    sign = f"case when regexp_matches({expr}, {quoted(NEGATIVE)}) then '-' else '' end"
    known = f"(not regexp_matches({expr}, {quoted(CODE)}) or {matches(f'regexp_extract({expr}, {quoted(CODE)})', KNOWN_CODE)})"
    return (
        f"case when {matches(expr, usual_number(form))} then try_cast({whole} as {wide}) "
        f"when {matches(expr, form.plain)} then try_cast({whole} as {wide}) "
        f"when {matches(expr, form.dressed)} and {known}{f' and {fits}' if fits else ''} then try_cast({sign} || {bare} as {wide}) end"
    )


def share_sql(expr: str, form: NumberFormat, percent: bool = False, usual: bool = False) -> str:
    """DECIMAL(18,10), a fraction of one: `7.5%` is 0.075, and so is `7.5` with `percent`. `usual` as of `number_sql`: none has a `%`."""
    bare, without = number_sql(expr, form, usual), number_sql(f"regexp_replace({expr}, {quoted(PERCENT)}, '')", form)
    other = shifted(bare, "'e-2'", "DECIMAL(38,14)") if percent else bare
    marked = shifted(without, "'e-2'", "DECIMAL(38,14)")
    # Each branch is narrowed by itself: as one CASE they would first be rounded to the decimals they share.
    marked, other = (f"try_cast({number} as DECIMAL(18,10))" for number in (marked, other))
    return other if usual else f"case when {matches(expr, PERCENTAGE)} then {marked} else {other} end"


def shifted(number: str, exponent: str, wanted: str = "DECIMAL(38,12)") -> str:
    """A number times a power of ten, exactly: a product of decimals could overflow and a quotient be a float."""
    return f"try_cast(cast({number} as VARCHAR) || {exponent} as {wanted})"


def fits_currency_sql(expr: str, currency: str) -> str:
    """BOOLEAN, never NULL: the number names no currency, or that of its row, or the row tells none. `currency`: SQL of the row's code."""
    sign = f"rtrim(regexp_extract({expr}, {quoted(AFTER)}), '.')"
    meant = {sign: (code,) for sign, code in SIGNS.items()} | dict(SEVERAL)
    # One pattern, and not a case for each sign: DuckDB plans the row's currency anew wherever it stands.
    pairs = "|".join(f"{re.escape(sign)} (?:{'|'.join(codes)})" for sign, codes in meant.items())
    return f"coalesce({sign} in ('', {currency}) or regexp_full_match({sign} || ' ' || {currency}, {quoted(pairs)}), true)"


def count_sql(expr: str, form: NumberFormat, usual: bool = False) -> str:
    """BIGINT, or NULL where the text is no whole number; `12.0` is one. `usual`: every text is known to be of USUAL_COUNT."""
    if usual:
        return f"try_cast({expr} as BIGINT)"
    mark = r"\." if form.decimal == "." else ","
    number = number_sql(expr, form)
    return (
        f"case when {matches(expr, USUAL_COUNT)} then try_cast({expr} as BIGINT) "
        f"when not regexp_matches({expr}, {quoted(f'{mark}[0-9]*[1-9]')}) and {number} = trunc({number}) "
        f"then try_cast({number} as BIGINT) end"
    )


def yes_no_sql(expr: str) -> str:
    """BOOLEAN by the words of `connectors.values`, NULL for any other."""
    return f"case when {one_of(f'lower({expr})', YES)} then true when {one_of(f'lower({expr})', NO)} then false end"


def among_sql(expr: str, among: tuple[str, ...]) -> str:
    """The contract's spelling of a word, without regard to case, blanks, hyphens and underscores; else NULL."""
    whens = "".join(f" when {quoted(_folded(word))} then {quoted(word)}" for word in among)
    folded = f"replace(replace(lower({expr}), ' ', '_'), '-', '_')"
    return f"case when {one_of(expr, among)} then {expr} else case {folded}{whens} end end"


def _folded(word: str) -> str:
    return word.lower().replace(" ", "_").replace("-", "_")


def currency_sql(expr: str) -> str:
    """Three capital letters, also from small ones or from a sign that only one currency has; else NULL."""
    signs = "".join(f" when {quoted(sign)} then {quoted(code)}" for sign, code in SIGNS.items())
    return f"case when {matches(expr, '[A-Za-z]{3}')} then upper({expr}) else case {expr}{signs} end end"


def _shape_sql(expr: str, shape: Shape) -> str:
    part = {letter: f"regexp_extract({expr}, {quoted(shape.groups)}, {i})" for i, letter in enumerate(shape.parts, 1)}
    year = part["y"]
    century = f"case when length({year}) = 4 then '' when {year} < '{days.PIVOT}' then '20' else '19' end"
    names = ", ".join(f"{quoted(name)}: '{number}'" for name, number in days.MONTHS.items())
    month = f"map {{{names}}}[lower(regexp_extract({expr}, {quoted(days.NAME)}))]" if "n" in part else part["m"]
    return f"try_cast({century} || {year} || '-' || {month} || '-' || {part.get('d', quoted('1'))} as DATE)"


def _shapes_sql(expr: str, shapes: tuple[Shape, ...], rest: str) -> str:
    return "".join(f" when {matches(expr, f'(?:{s.look}){rest}')} then {_shape_sql(expr, s)}" for s in shapes)


def usual_day(form: DateFormat) -> str | None:
    """The look of a day as programs write it in this form; None where it has no such look."""
    if form.order not in SHAPES:
        return None
    return _FOUR_DIGITS if form.order in ("dmy", "mdy") else ISO.look


def day_sql(expr: str, form: DateFormat, usual: bool = False) -> str:
    """DATE, or NULL where the text is no day of this form; the day as written, before any offset is applied.

    `usual`: every text is known to have the look of `usual_day`.
    """
    if form.order not in SHAPES:
        return f"try_cast({_local_sql(expr, form)} as DATE)"
    iso = f"try_cast({expr} as DATE)"
    fast = f"when {matches(expr, ISO.look)} then {iso} "
    if form.order in ("dmy", "mdy"):
        slashed = f"replace(replace({expr}, '-', '/'), '.', '/')"
        pattern = "%d/%m/%Y" if form.order == "dmy" else "%m/%d/%Y"
        iso = f"try_cast(try_strptime({slashed}, '{pattern}') as DATE)"
        fast = f"when {matches(expr, _FOUR_DIGITS)} then {iso} {fast}"
    fast += f"when {matches(expr, f'{ISO.look}{_CLOCK6}Z?')} then try_cast({expr}[1:10] as DATE)"
    return iso if usual else f"case {fast}{_shapes_sql(expr, SHAPES[form.order], days.TIME)} end"


def month_sql(expr: str, form: DateFormat, usual: bool = False) -> str:
    """DATE, the first of the month that the text names (`2026-03`, `03/2026`, `Mar 2026`) or that holds its day.

    `usual`: every text is known to be of USUAL_MONTH.
    """
    if usual:
        return f"try_cast({expr} || '-01' as DATE)"
    named = _shapes_sql(expr, MONTH_SHAPES, "")
    return f"cast(date_trunc('month', case{named} else {day_sql(expr, form)} end) as DATE)"


def sentinel_sql(expr: str) -> str:
    """BOOLEAN: the text says that there is no day (`Never`, `0001-01-01`, `9999-12-31`)."""
    return matches(expr, days.SENTINEL)


def _local_sql(expr: str, form: DateFormat) -> str:
    """TIMESTAMP: day and time of day as written."""
    if form.order == "excel":
        number = f"try_cast({expr} as DECIMAL(20,12))"
        seconds = f"to_seconds(cast(round(({number} - trunc({number})) * 86400) as BIGINT))"
        found = f"timestamp '1899-12-30' + to_days(cast(trunc({number}) as INTEGER)) + {seconds}"
        within = f"{number} >= {days.SERIALS[0]} and {number} < {days.SERIALS[1] + 1}"
        return f"case when {matches(expr, days.SERIAL)} and {within} then {found} end"
    if form.order == "unix":
        micros = f"try_cast(replace(cast(try_cast({expr} as DECIMAL(18,6)) as VARCHAR), '.', '') as BIGINT)"
        return f"case when {matches(expr, days.UNIX)} then make_timestamp({micros}) end"
    if "%" in form.order:
        return f"try_strptime({expr}, {quoted(form.order)})"
    clock = f"try_cast(replace(regexp_extract({expr}, {quoted(days.CLOCK)}), ',', '.') as TIME)"
    half = f"lower(regexp_extract({expr}, {quoted(f'[0-9]({days.HALF})')}, 1))"
    shift = (
        f"case when {half} like '%p%' and hour({clock}) < 12 then 12 "
        f"when {half} like '%a%' and hour({clock}) = 12 then -12 else 0 end"
    )
    return f"({day_sql(expr, form)} + coalesce({clock}, time '00:00') + to_hours({shift}))"


def usual_instant(form: DateFormat) -> str | None:
    """The look of an instant as programs write it; None where the form is no order of day, month and year."""
    return f"{ISO.look}{_CLOCK6}Z?" if form.order in SHAPES else None


def instant_sql(expr: str, form: DateFormat, zone: str | None = None, usual: bool = False) -> str:
    """TIMESTAMP in UTC. A text without offset is a local time of the IANA `zone` (None: UTC).

    NULL where the text is no instant of this form, and where its local time does not exist or exists twice,
    on the days when clocks change. `usual`: every text is known to have the look of `usual_instant`.
    """
    local = f"try_cast({expr} as TIMESTAMP)" if usual else _local_sql(expr, form)
    if (look := usual_instant(form)) and not usual:
        plain = matches(expr, look)
        local = f"case when {plain} then try_cast({expr} as TIMESTAMP) else {local} - {_offset_sql(expr)} end"
    if form.order == "unix" or zone in (None, "UTC"):
        return local
    # Bound to a name by the lambda, since the long expression would otherwise be planned some twenty times.
    told = f"when {matches(expr, _ZULU)} or {matches(expr, _TOLD)} then local_time" if form.order in SHAPES else ""
    return f"list_transform([{local}], lambda local_time: case {told} {_zoned_sql('local_time', zone or '')} end)[1]"


def _offset_sql(expr: str) -> str:
    """INTERVAL: how far the text's own offset is ahead of UTC."""
    offset = f"regexp_extract({expr}, {quoted(_OFFSET)}, 1)"
    digits = f"rpad(replace(substr({offset}, 2), ':', ''), 4, '0')"
    minutes = f"(cast({digits}[1:2] as INTEGER) * 60 + cast({digits}[3:4] as INTEGER))"
    return f"to_minutes(case {offset}[1] when '-' then -{minutes} when '+' then {minutes} else 0 end)"


def _zoned_sql(local: str, zone: str) -> str:
    """WHEN branches that give UTC for a local time.

    DuckDB moves a local time that does not exist, and picks one of two: each shows when the instant is read back.
    Both can only be near a change of clocks, so most rows need no more than a look at the days beside them.
    """
    instant = f"timezone({quoted(zone)}, {local})"

    def there(shift: str) -> str:
        return f"timezone({quoted(zone)}, {instant} {shift})"

    calm = " and ".join(f"{there(f'{sign} interval 1 day')} = {local} {sign} interval 1 day" for sign in "+-")
    twice = " or ".join(f"{there(f'{sign} interval {m} minute')} = {local}" for m in (30, 60, 120) for sign in "+-")
    utc = f"timezone('UTC', {instant})"
    return f"when {calm} then {utc} when {there('')} = {local} and not ({twice}) then {utc}"
