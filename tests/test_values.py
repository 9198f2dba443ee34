"""Texts of numbers, days and instants: what they mean in each form, and which form a column has."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.days import DateFormat, is_sentinel, read_day, read_instant, read_month
from connectors.values import (
    NumberFormat,
    Verdict,
    currency_of,
    detect_date,
    detect_number,
    read_number,
    read_share,
    read_yes_no,
)

POINT, COMMA = NumberFormat("."), NumberFormat(",")

NUMBERS = [
    ("12.50", "12.5", None),
    ("12,50", None, "12.5"),
    ("1,234.56", "1234.56", None),
    ("1.234,56", None, "1234.56"),
    ("1.234", "1.234", "1234"),
    ("1,234", "1234", "1.234"),
    ("0.123", "0.123", None),
    ("1234.567", "1234.567", None),
    ("1.234.567", None, "1234567"),
    ("1 234", "1234", "1234"),
    ("1\u202f234\u202f567,89", None, "1234567.89"),
    ("1\u00a0234.50", "1234.5", None),
    ("1'234.50", "1234.5", None),
    ("1\u2019234", "1234", "1234"),
    ("12,34,567.80", "1234567.8", None),
    ("1,23.45", None, None),
    ("1,2345", None, "1.2345"),
    ("42", "42", "42"),
    ("007", "7", "7"),
    ("+5", "5", "5"),
    (".5", "0.5", None),
    ("5.", None, None),
    ("-12", "-12", "-12"),
    ("\u221250.00", "-50", None),
    ("100-", "-100", "-100"),
    ("50.00-", "-50", None),
    ("(1,234.56)", "-1234.56", None),
    ("( 5 )", "-5", "-5"),
    ("(5", None, None),
    ("-(5)", None, None),
    ("--5", None, None),
    ("-5-", None, None),
    ("$1,250.50", "1250.5", None),
    ("-$5", "-5", "-5"),
    ("$-5", "-5", "-5"),
    ("$(5.00)", "-5", None),
    ("$.50", "0.5", None),
    ("€ 5,00", None, "5"),
    ("5,00 €", None, "5"),
    ("100.00- EUR", "-100", None),
    ("USD 12.50", "12.5", None),
    ("12.50USD", "12.5", None),
    ("EUR 5 USD", None, None),
    ("5 ABC", None, None),
    ("Fr. 5", "5", "5"),
    ("Fr.5", None, None),
    ("5 kr.", "5", "5"),
    ("12.50 CR", "-12.5", None),
    ("12.50DR", "12.5", None),
    ("5 SCR", "5", "5"),
    ("5 EUR CR", "-5", "-5"),
    ("5.64902E-05", "0.0000564902", None),
    ("2.323760000E-9", "0.000000002324", None),
    ("1,5e3", None, "1500"),
    ("1.5E3 EUR", None, None),
    ("0.012264277499950943", "0.012264277500", None),
    ("0.0000000000005", "0.000000000001", None),
    ("-0.0000000000015", "-0.000000000002", None),
    ("0.00000000000049", "0", None),
    ("9" * 26, "9" * 26, "9" * 26),
    ("9" * 27, None, None),
    ("1E30", None, None),
    ("0x1F", None, None),
    ("1_000", None, None),
    ("NaN", None, None),
    ("1.2.3", None, None),
    ("7.5%", None, None),
    ("\u0661\u0662", None, None),
    ("", None, None),
    ("-", None, None),
    ("12.50\n", None, None),
]
"""Text, its number where `.` is the decimal mark, its number where `,` is."""


@pytest.mark.parametrize(("text", "point", "comma"), NUMBERS)
def test_a_text_is_one_number_in_each_form_or_none(text: str, point: str | None, comma: str | None) -> None:
    for form, expected in ((POINT, point), (COMMA, comma)):
        assert read_number(text, form) == (None if expected is None else Decimal(expected))


SHARES = [
    ("7.5%", False, "0.075"),
    ("7.5 %", True, "0.075"),
    ("(7.5%)", False, "-0.075"),
    ("0.075", False, "0.075"),
    ("7.5", True, "0.075"),
    ("100%", False, "1"),
    ("%", False, None),
    ("5%%", False, None),
    ("abc%", False, None),
    ("999999999", False, None),
    ("5\u2212%", False, "-0.05"),
]


@pytest.mark.parametrize(("text", "percent", "share"), SHARES)
def test_shares_are_fractions_of_one(text: str, percent: bool, share: str | None) -> None:
    assert read_share(text, POINT, percent) == (None if share is None else Decimal(share))


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("€ 5", "EUR"),
        ("12.50 USD", "USD"),
        ("US$5", "USD"),
        ("$5", "$"),
        ("¥500", "¥"),
        ("5 kr.", "kr"),
        ("5", None),
        ("EUR", None),
        ("EUR abc", None),
        ("R$ 5,00", "BRL"),
    ],
)
def test_the_currency_beside_a_number_is_told_only_as_far_as_it_is_certain(text: str, currency: str | None) -> None:
    assert currency_of(text) == currency


@pytest.mark.parametrize(
    ("values", "verdict", "mark", "speaks"),
    [
        (["12.50", "1.234"], Verdict.DECIDED, ".", ("12.50",)),
        (["1.234", "1.234.567"], Verdict.DECIDED, ",", ("1.234.567",)),
        (["1.234", "0.500"], Verdict.DECIDED, ".", ("0.500",)),
        (["1.234", "1234.500"], Verdict.DECIDED, ".", ("1234.500",)),
        (["1,234.56", "1,234"], Verdict.DECIDED, ".", ("1,234.56",)),
        (["1.234,56"], Verdict.DECIDED, ",", ("1.234,56",)),
        (["12,5 %", "1.234"], Verdict.DECIDED, ",", ("12,5 %",)),
        (["1", "2000", " "], Verdict.DECIDED, ".", ()),
        (["1 234", "5"], Verdict.DECIDED, ".", ()),
        ([], Verdict.DECIDED, ".", ()),
        (["1.234", "2.345", "7"], Verdict.AMBIGUOUS, None, ("1.234", "2.345")),
        (["1,234"], Verdict.AMBIGUOUS, None, ("1,234",)),
        (["12.50", "12,50"], Verdict.CONFLICT, None, ("12.50", "12,50")),
        (["1.234,5", "1,234.5"], Verdict.CONFLICT, None, ("1.234,5", "1,234.5")),
        (["n/a", "abc"], Verdict.NONE, None, ()),
    ],
)
def test_the_decimal_mark_is_the_column_s(
    values: list[str], verdict: Verdict, mark: str | None, speaks: tuple[str, ...]
) -> None:
    decision = detect_number(values)
    assert (decision.verdict, set(decision.examples)) == (verdict, set(speaks))
    assert decision.format == (None if mark is None else NumberFormat(mark))


def test_a_decision_gives_the_line_that_settles_it_and_the_value_that_fits_nothing() -> None:
    decision = detect_number(["1.234", "n/a", "1.234"])
    assert decision.lines("amount", "Net: amount") == (
        """amount: {from: 'Net: amount', decimal: "."}""",
        """amount: {from: 'Net: amount', decimal: ","}""",
    )
    assert (decision.read, decision.misfits, decision.misfit) == (2, 1, "n/a")
    assert detect_date(["03/04/2026"]).lines("posted_on", "Paid Date")[0] == "posted_on: {from: Paid Date, date: dmy}"


DAYS = [
    ("2026-03-04", "iso", "2026-03-04"),
    ("2026-03-04T23:59:59.123456789Z", "iso", "2026-03-04"),
    ("2026-03-04 0:00:00", "iso", "2026-03-04"),
    ("2026-03-04T23:30:00-05:00", "iso", "2026-03-04"),
    ("2026-02-30", "iso", None),
    ("2026-3-4", "iso", None),
    ("2026-3-4", "ymd", "2026-03-04"),
    ("2026/03/04 10:15", "ymd", "2026-03-04"),
    ("20260304", "ymd", "2026-03-04"),
    ("26-03-04", "ymd", "2026-03-04"),
    ("2026-03-04", "dmy", "2026-03-04"),
    ("03/04/2026", "dmy", "2026-04-03"),
    ("03/04/2026", "mdy", "2026-03-04"),
    ("3.4.2026", "dmy", "2026-04-03"),
    ("3-4-26", "dmy", "2026-04-03"),
    ("03/04-2026", "dmy", None),
    ("01/02/69", "dmy", "2069-02-01"),
    ("01/02/70", "dmy", "1970-02-01"),
    ("31/02/2026", "dmy", None),
    ("13/13/2026", "dmy", None),
    ("30/Oct/26 5:00 PM", "dmy", "2026-10-30"),
    ("30/Oct/26 5:00 PM", "%d/%b/%y %I:%M %p", "2026-10-30"),
    ("11/23/2026 09:41 AM", "mdy", "2026-11-23"),
    ("11/23/2026 13:41 AM", "mdy", None),
    ("4. März 2026", "dmy", "2026-03-04"),
    ("4 mrt 2026", "dmy", "2026-03-04"),
    ("5 października 2026", "dmy", "2026-10-05"),
    ("17 maj 2026", "dmy", "2026-05-17"),
    ("4 de marzo de 2026", "dmy", "2026-03-04"),
    ("1 août 2026", "dmy", "2026-08-01"),
    ("01-DEZ-2025", "dmy", "2025-12-01"),
    ("March 4th, 2026", "mdy", "2026-03-04"),
    ("04MAR2026", "dmy", "2026-03-04"),
    ("4 Foo 2026", "dmy", None),
    ("45000", "excel", "2023-03-15"),
    ("45000.5", "excel", "2023-03-15"),
    ("60001", "excel", None),
    ("19999", "excel", None),
    ("45000", "iso", None),
    ("1700000000", "unix", "2023-11-14"),
    ("0026-03-04", "iso", None),
]


@pytest.mark.parametrize(("text", "order", "day"), DAYS)
def test_a_text_is_one_day_in_its_order_or_none(text: str, order: str, day: str | None) -> None:
    assert read_day(text, DateFormat(order)) == (None if day is None else date.fromisoformat(day))


@pytest.mark.parametrize(
    ("values", "verdict", "order", "speaks"),
    [
        (["2026-03-04", "2026-03-04T10:00:00Z"], Verdict.DECIDED, "iso", ()),
        (["03/04/2026", "13/04/2026"], Verdict.DECIDED, "dmy", ("13/04/2026",)),
        (["03/04/2026", "04/13/2026"], Verdict.DECIDED, "mdy", ("04/13/2026",)),
        (["2026-03-04", "13/04/2026", "03/04/2026"], Verdict.DECIDED, "dmy", ("13/04/2026",)),
        (["2026/03/04"], Verdict.DECIDED, "ymd", ("2026/03/04",)),
        (["4 Mar 2026", "5 May 2026"], Verdict.DECIDED, "dmy", ()),
        (["05/05/2026"], Verdict.DECIDED, "dmy", ()),
        (["11/23/2026 09:41 AM"], Verdict.DECIDED, "mdy", ("11/23/2026 09:41 AM",)),
        (["45000", "45001.5"], Verdict.DECIDED, "excel", ()),
        (["10/30/26"], Verdict.DECIDED, "mdy", ("10/30/26",)),
        (["03/04/2026"], Verdict.AMBIGUOUS, None, ("03/04/2026",)),
        (["01/02/24", "03/04/68"], Verdict.AMBIGUOUS, None, ("01/02/24", "03/04/68")),
        (["30/10/26"], Verdict.AMBIGUOUS, None, ("30/10/26",)),
        (["13/04/2024", "05/06/2024", "07/28/2024"], Verdict.CONFLICT, None, ("13/04/2024", "07/28/2024")),
        (["45000", "soon"], Verdict.NONE, None, ()),
    ],
)
def test_the_order_of_days_is_the_column_s(
    values: list[str], verdict: Verdict, order: str | None, speaks: tuple[str, ...]
) -> None:
    decision = detect_date(values)
    assert (decision.verdict, set(decision.examples)) == (verdict, set(speaks))
    assert decision.format == (None if order is None else DateFormat(order))


def test_sentinels_are_counted_and_settle_nothing() -> None:
    decision = detect_date(["Never", "00/00/0000", "9999-12-31", "2026-03-04", "soon"])
    assert (decision.sentinels, decision.read, decision.misfit) == (3, 1, "soon")
    assert decision.format == DateFormat("iso")


@pytest.mark.parametrize(
    "text",
    ["Never", "never logged in", "0001-01-01T00:00:00Z", "1/1/0001 12:00:00 AM", "31/12/9999", "/Date(0+0000)/"],
)
def test_a_sentinel_is_no_day(text: str) -> None:
    assert is_sentinel(text)
    assert not any(read_day(text, DateFormat(order)) for order in ("iso", "dmy", "mdy", "ymd"))


MONTHS = [
    ("2026-03", "iso", "2026-03-01"),
    ("2026-03-17", "iso", "2026-03-01"),
    ("03/2026", "iso", "2026-03-01"),
    ("202603", "iso", "2026-03-01"),
    ("Mar 2026", "iso", "2026-03-01"),
    ("Mar-26", "iso", "2026-03-01"),
    ("März 2026", "iso", "2026-03-01"),
    ("13/2026", "iso", None),
    ("17/03/2026", "dmy", "2026-03-01"),
]


@pytest.mark.parametrize(("text", "order", "month"), MONTHS)
def test_a_month_may_be_named_or_hold_a_day(text: str, order: str, month: str | None) -> None:
    assert read_month(text, DateFormat(order)) == (None if month is None else date.fromisoformat(month))


INSTANTS = [
    ("2026-03-04T10:11:12Z", "iso", "Europe/Berlin", "2026-03-04T10:11:12"),
    ("2026-03-04T10:11:12+05:30", "iso", "Europe/Berlin", "2026-03-04T04:41:12"),
    ("2026-03-04 10:11:12 -0500", "iso", None, "2026-03-04T15:11:12"),
    ("2026-03-04 10:11:12.123456789", "iso", None, "2026-03-04T10:11:12.123456"),
    ("2023-11-13T10:00Z", "iso", None, "2023-11-13T10:00:00"),
    ("2026-01-04 10:00", "iso", "Europe/Berlin", "2026-01-04T09:00:00"),
    ("2026-07-04", "iso", "Europe/Berlin", "2026-07-03T22:00:00"),
    ("2026-03-29 02:30", "iso", "Europe/Berlin", None),
    ("2026-10-25 02:30", "iso", "Europe/Berlin", None),
    ("2026-10-25 03:30", "iso", "Europe/Berlin", "2026-10-25T02:30:00"),
    ("2026-10-25T02:30:00+02:00", "iso", "Europe/Berlin", "2026-10-25T00:30:00"),
    ("2026-04-05 01:45", "iso", "Australia/Lord_Howe", None),
    ("30/Oct/26 5:00 PM", "dmy", None, "2026-10-30T17:00:00"),
    ("12/12/2026 12:05 am", "dmy", None, "2026-12-12T00:05:00"),
    ("12/12/2026 12:05 p.m.", "dmy", None, "2026-12-12T12:05:00"),
    ("45000.75", "excel", None, "2023-03-15T18:00:00"),
    ("1700000000.5", "unix", "Europe/Berlin", "2023-11-14T22:13:20.500000"),
    ("2026-03-04 25:00", "iso", None, None),
]


@pytest.mark.parametrize(("text", "order", "zone", "instant"), INSTANTS)
def test_instants_are_kept_in_utc(text: str, order: str, zone: str | None, instant: str | None) -> None:
    expected = None if instant is None else datetime.fromisoformat(instant)
    assert read_instant(text, DateFormat(order), zone) == expected


@pytest.mark.parametrize(
    ("text", "answer"), [("Yes", True), ("T", True), ("0", False), ("Inactive", False), ("2", None)]
)
def test_yes_and_no(text: str, answer: bool | None) -> None:
    assert read_yes_no(text) is answer


@pytest.mark.parametrize("order", ["ddmm", "", "%d/%b/%Y:%H:%M:%S %z"])
def test_an_order_that_is_none_is_refused(order: str) -> None:
    with pytest.raises(ValueError, match="a date order is"):
        DateFormat(order)


@given(st.decimals(min_value="-1e20", max_value="1e20", places=2), st.sampled_from([(",", "."), (".", ",")]))
def test_a_number_written_with_groups_is_read_back(number: Decimal, marks: tuple[str, str]) -> None:
    group, decimal = marks
    text = f"{number:,.2f}".replace(",", "G").replace(".", decimal).replace("G", group)
    assert read_number(text, NumberFormat(decimal)) == number
    assert detect_number([text]).format == NumberFormat(decimal)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)).map(lambda at: at.replace(microsecond=0)),
    st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe"]),
)
def test_a_local_time_is_read_as_the_only_instant_it_can_be(at: datetime, zone: str) -> None:
    step = timedelta(minutes=15)
    candidates = {at + step * n for n in range(-60, 61)}
    local = {utc for utc in candidates if utc.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == at}
    assert read_instant(f"{at:%Y-%m-%d %H:%M:%S}", DateFormat(), zone) == (local.pop() if len(local) == 1 else None)
