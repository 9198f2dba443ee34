"""The SQL of every form reads as the Python reader does, and columns of a profile become values of the contract."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_values import DAYS, INSTANTS, MONTHS, NUMBERS, SHARES

from connectors.days import SHAPES, DateFormat, is_sentinel, read_day, read_instant, read_month
from connectors.profile import Source
from connectors.values import (
    NumberFormat,
    detect_date,
    detect_number,
    names_another,
    read_number,
    read_share,
    read_yes_no,
)
from models import Column, Kind, tables
from pipelines.casting import (
    USUAL_COUNT,
    USUAL_MONTH,
    among_sql,
    column_sql,
    condition_sql,
    count_sql,
    currency_sql,
    day_sql,
    fits_currency_sql,
    instant_sql,
    month_sql,
    number_sql,
    quoted,
    sentinel_sql,
    share_sql,
    text_sql,
    usual_day,
    usual_instant,
    usual_number,
    witnesses_sql,
    yes_no_sql,
)

DUCKDB = duckdb.connect()
POINT, COMMA = NumberFormat("."), NumberFormat(",")


def cast(sql: str, texts: Iterable[str | None]) -> list[Any]:
    """What an expression over the column `t` gives for each text."""
    rows = DUCKDB.execute(f"select {sql} from (select unnest(?::VARCHAR[]) as t)", [list(texts)]).fetchall()
    return [value for (value,) in rows]


def kind_of(sql: str) -> str:
    (found,) = DUCKDB.execute(f"select typeof({sql}) from (select null::VARCHAR as t)").fetchone() or ("",)
    return str(found)


def agree(sql: str, read: Callable[[str], Any], texts: list[str]) -> None:
    assert dict(zip(texts, cast(sql, texts), strict=True)) == {text: read(text) for text in texts}


# Every table of test_values, in SQL too.


@pytest.mark.parametrize("form", [POINT, COMMA])
def test_numbers(form: NumberFormat) -> None:
    agree(number_sql("t", form), lambda text: read_number(text, form), [text for text, _, _ in NUMBERS])


@pytest.mark.parametrize("percent", [True, False])
def test_shares(percent: bool) -> None:
    texts = [text for text, _, _ in SHARES] + [text for text, _, _ in NUMBERS]
    agree(share_sql("t", POINT, percent), lambda text: read_share(text, POINT, percent), texts)


@pytest.mark.parametrize("order", [*SHAPES, "excel", "unix", "%d/%b/%y %I:%M %p"])
def test_days(order: str) -> None:
    texts = [text for text, *_ in (*DAYS, *MONTHS, *INSTANTS)]
    agree(day_sql("t", DateFormat(order)), lambda text: read_day(text, DateFormat(order)), texts)
    agree(month_sql("t", DateFormat(order)), lambda text: read_month(text, DateFormat(order)), texts)


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("order", [*SHAPES, "excel", "unix"])
def test_instants(order: str, zone: str | None) -> None:
    texts = [text for text, *_ in (*DAYS, *INSTANTS)]
    agree(instant_sql("t", DateFormat(order), zone), lambda text: read_instant(text, DateFormat(order), zone), texts)


@pytest.mark.parametrize("zone", ["Europe/Oslo", "America/Sao_Paulo", "Australia/Lord_Howe", "Antarctica/Troll"])
def test_local_times_around_each_change_of_clocks(zone: str) -> None:
    starts = [datetime(2026, *day) for day in ((3, 27), (4, 3), (10, 2), (10, 23))] + [datetime(2018, 2, 17)]
    texts = [f"{start + timedelta(minutes=15) * n:%Y-%m-%d %H:%M}" for start in starts for n in range(4 * 24 * 4)]
    agree(instant_sql("t", DateFormat(), zone), lambda text: read_instant(text, DateFormat(), zone), texts)


@pytest.mark.parametrize("code", ["EUR", "USD", "CAD", "SEK", "CHF", "GBP"])
def test_a_number_beside_another_currency_than_its_row_s(code: str) -> None:
    texts = ["5", "5.00 €", "€5", "$5", "US$5", "C$5", "USD 5", "5.00 CAD", "5 kr", "5 kr.", "5 Fr", "£5", "R$5", "5 CR", "5-", "(5)", "EUR 5-"]
    agree(number_sql("t", POINT, fits=fits_currency_sql("t", quoted(code))), lambda text: None if names_another(text, code) else read_number(text, POINT), texts)
    fitting = {"EUR": ["5.00 €", "€5", "EUR 5-"], "USD": ["$5", "US$5", "USD 5"], "CAD": ["$5", "C$5", "5.00 CAD"], "SEK": ["5 kr", "5 kr."], "CHF": ["5 Fr"], "GBP": ["£5"]}
    assert {text for text in texts if not names_another(text, code)} == {"5", "5 CR", "5-", "(5)", *fitting[code]}


# And every text that somebody may write.

marks = "0123456789.,,..--\u2212()  €$'\u00a0eE%CRDkrF+"
number_texts = st.text(marks, min_size=1, max_size=12).map(str.strip) | st.builds(
    lambda sign, number, places, tail: f"{sign}{number:,.{places}f}{tail}",
    st.sampled_from(["", "-", "$", "EUR ", "("]),
    st.decimals(0, 10**12, allow_nan=False, places=14),
    st.integers(0, 14),
    st.sampled_from(["", "-", " €", ")", " CR", "e-5", "E+3", "%"]),
)
day_texts = st.text("0123456789///--..: TZapmMAR+,", min_size=6, max_size=20).map(str.strip) | st.builds(
    lambda at, form: at.strftime(form),
    st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)),
    st.sampled_from(
        ["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%y", "%d.%m.%Y %H:%M", "%d-%b-%Y", "%B %d, %Y", "%Y/%m/%d", "%Y%m%d", "%m/%Y",
         "%b %Y", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%d %H:%M:%S+02:00", "%d/%b/%y %I:%M %p", "%y-%m-%d",
         "%Y-%m-%d %I:%M:%S%p"]
    ),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(number_texts, min_size=20, max_size=80, unique=True), st.sampled_from([POINT, COMMA]))
def test_any_number_is_read_alike(texts: list[str], form: NumberFormat) -> None:
    agree(number_sql("t", form), lambda text: read_number(text, form), texts)
    agree(share_sql("t", form), lambda text: read_share(text, form), texts)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(day_texts, min_size=20, max_size=80, unique=True),
    st.sampled_from([*SHAPES, "excel"]),
    st.sampled_from([None, "Europe/London"]),
)
def test_any_day_is_read_alike(texts: list[str], order: str, zone: str | None) -> None:
    form = DateFormat(order)
    agree(day_sql("t", form), lambda text: read_day(text, form), texts)
    agree(month_sql("t", form), lambda text: read_month(text, form), texts)
    agree(instant_sql("t", form, zone), lambda text: read_instant(text, form, zone), texts)
    agree(sentinel_sql("t"), is_sentinel, texts)


@settings(max_examples=40, deadline=None)
@given(st.lists(number_texts, min_size=1, max_size=6), st.lists(day_texts, min_size=1, max_size=6))
def test_few_witnesses_decide_as_the_whole_column_does(numbers: list[str], days: list[str]) -> None:
    for kind, texts, detect in ((Kind.MONEY, numbers, detect_number), (Kind.DAY, days, detect_date)):
        relation = f"(select unnest([{', '.join(map(quoted, texts))}]) as cell)"
        query = witnesses_sql(relation, "nullif(trim(cell), '')", kind)
        witnesses = [text for (text,) in DUCKDB.execute(query).fetchall()]
        assert set(witnesses) <= {text.strip() for text in texts}
        few, whole = detect(witnesses), detect(texts)
        assert (few.verdict, few.format, set(few.choices)) == (whole.verdict, whole.format, set(whole.choices))


# Words and counts.


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("12", 12),
        ("-3", -3),
        ("12.0", 12),
        ("1,200", 1200),
        ("1.5", None),
        ("12.000000000000001", None),
        ("9" * 19, None),
        ("abc", None),
        ("0x1F", None),
    ],
)
def test_counts_are_whole(text: str, count: int | None) -> None:
    assert cast(count_sql("t", POINT), [text]) == [count]


def test_yes_no_words() -> None:
    agree(yes_no_sql("t"), read_yes_no, ["TRUE", "no", "Enabled", "0", "1", "2", "ja", "maybe"])


@pytest.mark.parametrize(
    ("text", "word"),
    [("credit_note", "credit_note"), ("Credit Note", "credit_note"), ("CREDIT-NOTE", "credit_note"), ("x", None)],
)
def test_words_take_the_contract_s_spelling(text: str, word: str | None) -> None:
    assert cast(among_sql("t", ("invoice", "credit_note")), [text]) == [word]


@pytest.mark.parametrize(("text", "code"), [("eur", "EUR"), ("USD", "USD"), ("€", "EUR"), ("$", None), ("Euro", None)])
def test_currencies_are_three_capitals(text: str, code: str | None) -> None:
    assert cast(currency_sql("t"), [text]) == [code]


# Columns of a profile.

MONEY, DAY, COUNT, SHARE, RATE = (
    Column(kind.value, kind, "A number or day.") for kind in (Kind.MONEY, Kind.DAY, Kind.COUNT, Kind.SHARE, Kind.RATE)
)
TYPE = Column("document_type", Kind.TEXT, "What kind of document.", among=("invoice", "credit_note"))
CURRENCY, NAME, NUMBER = (Column(name, Kind.TEXT, "A text.") for name in ("currency", "vendor_name", "po_number"))

COLUMNS: list[tuple[Mapping[str, Any], Column, Mapping[str, str], Any]] = [
    ({"from": "a"}, MONEY, {"a": "12.50"}, Decimal("12.5")),
    ({"from": ["a", "b"]}, MONEY, {"b": "7"}, Decimal(7)),
    ({"from": "a", "decimal": ","}, MONEY, {"a": "1.234,5"}, Decimal("1234.5")),
    ({"from": "a", "minus": "b"}, MONEY, {"a": "119", "b": "19.00"}, Decimal(100)),
    ({"from": "a", "minus": "b"}, MONEY, {"a": "119"}, Decimal(119)),
    ({"from": "a", "minus": "b"}, MONEY, {"a": "119", "b": "19 or so"}, None),
    ({"from": "a", "minus": "b"}, MONEY, {"a": "9" * 26, "b": "-" + "9" * 26}, None),
    ({"from": "a", "scale": "minor"}, MONEY, {"a": "1250"}, Decimal("12.5")),
    ({"from": "a", "scale": "percent"}, MONEY, {"a": "1250"}, Decimal("12.5")),
    ({"from": "a", "negate": True}, MONEY, {"a": "5"}, Decimal(-5)),
    ({"from": "a", "negate_when": {"b": "Credit"}}, MONEY, {"a": "5", "b": "credit"}, Decimal(-5)),
    ({"from": "a", "negate_when": {"b": "Credit"}}, MONEY, {"a": "5"}, Decimal(5)),
    ({"from": "a", "negate": True, "negate_when": {"b": "x"}}, MONEY, {"a": "5", "b": "x"}, Decimal(5)),
    ({"from": "a"}, SHARE, {"a": "7.5%"}, Decimal("0.075")),
    ({"from": "a", "scale": "percent"}, SHARE, {"a": "7.5"}, Decimal("0.075")),
    ({"from": "a"}, RATE, {"a": "1.0843"}, Decimal("1.0843")),
    ({"from": "a"}, RATE, {"a": "123456789"}, None),
    ({"from": "a"}, COUNT, {"a": "12.0"}, 12),
    ({"from": "a", "date": "dmy"}, DAY, {"a": "03/04/2026"}, date(2026, 4, 3)),
    ({"from": "a", "date": "excel"}, DAY, {"a": "45000"}, date(2023, 3, 15)),
    ({"join": ["a", "b"]}, NAME, {"a": "INV", "b": "7"}, "INV-7"),
    ({"join": ["a", "b"], "separator": " "}, NAME, {"b": "7"}, "7"),
    ({"join": ["a", "b"]}, NAME, {}, None),
    ({"value": "O'Reilly"}, NAME, {}, "O'Reilly"),
    ({"from": "a"}, CURRENCY, {"a": "usd"}, "USD"),
    ({"value": "EUR"}, CURRENCY, {}, "EUR"),
    ({"from": "a", "values": {"1": "USD"}}, CURRENCY, {"a": "1"}, "USD"),
    ({"from": "a", "values": {"Bill": "invoice"}}, TYPE, {"a": "BILL"}, "invoice"),
    ({"from": "a", "values": {"Bill": "invoice"}}, TYPE, {"a": "Credit note"}, "credit_note"),
    ({"from": "a", "values": {"Bill": "invoice"}}, TYPE, {"a": "Lunch"}, None),
    ({"from": "a", "values": {"Bill": "invoice"}, "otherwise": "credit_note"}, TYPE, {"a": "Lunch"}, "credit_note"),
    ({"from": "a", "values": {"Bill": "invoice"}, "otherwise": "credit_note"}, TYPE, {}, None),
    ({"from": "a", "values": {"": "invoice"}}, TYPE, {}, "invoice"),
    ({"from": "a"}, NUMBER, {"a": "00123"}, "00123"),
    ({"from": "a"}, NUMBER, {"a": "1.23457E+11"}, None),
    ({"from": "a"}, NAME, {"a": "1.23457E+11"}, "1.23457E+11"),
]


def row(sql: str, cells: Mapping[str, str]) -> Any:
    columns = ", ".join(f"{quoted(cells[name]) if name in cells else 'null::VARCHAR'} as {name}" for name in "ab")
    (value,) = DUCKDB.execute(f"select {sql} from (select {columns})").fetchone() or (None,)
    return value


@pytest.mark.parametrize(("source", "column", "cells", "value"), COLUMNS)
def test_a_column_of_a_profile(source: Mapping[str, Any], column: Column, cells: Mapping[str, str], value: Any) -> None:
    found = Source.model_validate(source)
    assert row(column_sql(found, column, str), cells) == value
    empty = not cells and "value" not in source
    assert (row(text_sql(found, column, str), cells) is None) == empty


@pytest.mark.parametrize(("code", "amount"), [("JPY", "1250"), ("EUR", "12.5"), ("KWD", "1.25"), ("???", "12.5")])
def test_minor_units_are_those_of_the_currency(code: str, amount: str) -> None:
    source = Source.model_validate({"from": "a", "scale": "minor"})
    assert row(column_sql(source, MONEY, str, "b"), {"a": "1250", "b": code}) == Decimal(amount)


@pytest.mark.parametrize(
    ("source", "column", "cells"),
    [
        ({"from": "a"}, DAY, {"a": "Never"}),
        ({"from": "a", "date": "dmy"}, DAY, {"a": "00/00/0000"}),
        ({"from": "a", "values": {"n/a": ""}}, MONEY, {"a": "N/A"}),
    ],
)
def test_a_declared_nothing_is_empty_not_unreadable(
    source: Mapping[str, Any], column: Column, cells: Mapping[str, str]
) -> None:
    found = Source.model_validate(source)
    assert row(column_sql(found, column, str), cells) is None
    assert row(text_sql(found, column, str), cells) is None


@pytest.mark.parametrize("table", tables().values(), ids=lambda table: table.name)
def test_every_column_of_a_contract_gets_its_type(table: Any) -> None:
    for column in table.columns:
        sql = column_sql(Source.model_validate({"from": "t", "zone": "Europe/Oslo"}), column, str)
        assert kind_of(sql) == column.kind.duckdb, column.name


@pytest.mark.parametrize("word", [{"decimal": "auto"}, {"date": "auto"}])
def test_an_undecided_form_is_not_guessed(word: Mapping[str, str]) -> None:
    with pytest.raises(ValueError, match="still `auto`"):
        column_sql(Source.model_validate({"from": "a", **word}), MONEY, str)


@pytest.mark.parametrize(
    ("condition", "cells", "met"),
    [
        ({"a": ("Void",)}, {"a": "void"}, True),
        ({"a": ("Void", " deleted ")}, {"a": "Deleted"}, True),
        ({"a": ("Void",)}, {}, False),
        ({"a": ("",)}, {}, True),
        ({"a": ("", "0")}, {"a": "0"}, True),
        ({"a": ("*",)}, {"a": "x"}, True),
        ({"a": ("*",)}, {}, False),
        ({"a": ("x",), "b": ("y",)}, {"a": "x", "b": "y"}, True),
        ({"a": ("x",), "b": ("y",)}, {"a": "x"}, False),
        ({"a": ("it's",)}, {"a": "It's"}, True),
        ({}, {}, True),
    ],
)
def test_conditions_are_true_or_false(
    condition: Mapping[str, tuple[str, ...]], cells: Mapping[str, str], met: bool
) -> None:
    assert row(condition_sql(condition, str), cells) is met


USUAL = {
    "number": (usual_number(POINT), lambda usual: number_sql("t", POINT, usual), ["0", "-12", "12.50", "1234567890.123456789012345", "-0.5", "9" * 30]),
    "number, comma": (usual_number(COMMA), lambda usual: number_sql("t", COMMA, usual), ["0", "-12", "12,50", "9" * 30]),
    "count": (USUAL_COUNT, lambda usual: count_sql("t", POINT, usual), ["0", "-7", "999999999999999999"]),
    "share": (usual_number(POINT), lambda usual: share_sql("t", POINT, False, usual), ["0", "0.075", "7.5", "9" * 12]),
    "percent": (usual_number(POINT), lambda usual: share_sql("t", POINT, True, usual), ["0", "7.5", "100"]),
    "day": (usual_day(DateFormat("iso")), lambda usual: day_sql("t", DateFormat("iso"), usual), ["2026-01-05", "2026-02-30", "1999-12-31"]),
    "day, dmy": (usual_day(DateFormat("dmy")), lambda usual: day_sql("t", DateFormat("dmy"), usual), ["05/01/2026", "5.1.2026", "31-02-2026", "13/12/2026", "12/13/2026"]),
    "day, mdy": (usual_day(DateFormat("mdy")), lambda usual: day_sql("t", DateFormat("mdy"), usual), ["05/01/2026", "5.1.2026", "02-31-2026", "13/12/2026", "12/13/2026"]),
    "month": (USUAL_MONTH, lambda usual: month_sql("t", DateFormat("iso"), usual), ["2026-01", "1999-12"]),
    "instant": (usual_instant(DateFormat("iso")), lambda usual: instant_sql("t", DateFormat("iso"), "Europe/Berlin", usual),
                ["2026-01-05 10:00", "2026-03-29T02:30:00", "2026-10-25 02:30:00", "2026-01-05T10:00:00Z", "2026-02-30 01:00", "2026-07-01 10:00:00.123456"]),
}  # fmt: skip


@pytest.mark.parametrize(("look", "sql", "texts"), USUAL.values(), ids=USUAL)
def test_texts_of_the_usual_look_are_read_the_same_by_the_short_way(look: str, sql: Callable[[bool], str], texts: list[str]) -> None:
    assert cast(f"regexp_full_match(t, {quoted(look)})", texts) == [True] * len(texts)
    assert cast(sql(True), [*texts, None]) == cast(sql(False), [*texts, None])
    assert kind_of(sql(True)) == kind_of(sql(False))
    assert cast(sentinel_sql("t"), texts) == [False] * len(texts)


@given(st.sampled_from([(name, text) for name, (_, _, texts) in USUAL.items() for text in texts]), st.text("0123456789-./,: TZ", max_size=3))
@settings(max_examples=200, deadline=None)
def test_whatever_has_the_usual_look_is_read_the_same_by_the_short_way(example: tuple[str, str], more: str) -> None:
    look, sql, _ = USUAL[example[0]]
    for text in (example[1] + more, more + example[1], example[1][: len(more)] + more + example[1][2 * len(more) :]):
        if cast(f"regexp_full_match(t, {quoted(look)})", [text]) == [True]:
            assert cast(sql(True), [text]) == cast(sql(False), [text]), text
            assert cast(sentinel_sql("t"), [text]) == [False], text
