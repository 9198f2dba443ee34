"""Lines of money in the formats in which a German ERP, QuickBooks Online and a card company export them."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from shutil import copyfile

from pipelines.sample.company import ACCOUNTS, MONTHS, NAME, last_day, month_text
from pipelines.sample.money import CENT
from pipelines.sample.spend import DECLINED, DELIVERED_AGAIN, Fault, Line
from pipelines.sample.vendors import BY_NAME, VENDORS

ERP_HEADER = (
    "Buchungskreis", "Belegnummer", "Zeile", "Belegart", "Buchungsdatum", "Belegdatum", "Kreditor", "Kreditorenname", "Rechnungsnummer",
    "Zuordnung", "Auftrag", "Sachkonto", "Kontobezeichnung", "Kostenstelle", "Leistung von", "Leistung bis", "Betrag", "Vorsteuer", "Währung",
    "Buchungstext",
)  # fmt: skip
QBO_HEADER = ("Date", "Transaction Type", "Num", "Name", "Memo/Description", "Product/Service", "Account #", "Account", "Class", "Currency", "Amount")
CARD_HEADER = ("Transaction ID", "Transaction Date", "Posting Date", "Card", "Merchant Name", "MCC", "Amount", "Currency", "Status")

TWICE = 4
"""Month whose German file is there under two names."""
CORRECTED = 16
"""Month whose card statement came again with three amounts put right."""
TO_CORRECT = frozenset({5, 17, 33})
"""Places in that statement of the lines that were wrong at first."""
WRONG_BY = 1_000 * CENT


def german(cents: int) -> str:
    """`1.234,50-`: full stops between thousands, a decimal comma, the minus behind."""
    text = f"{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
    return text.translate(str.maketrans(",.", ".,")) + ("-" if cents < 0 else "")


def american(cents: int) -> str:
    """`$1,234.50`, and `($1,234.50)` below zero."""
    text = f"${abs(cents) // 100:,}.{abs(cents) % 100:02d}"
    return f"({text})" if cents < 0 else text


def write_erp(folder: Path, n: int, lines: Iterable[Line]) -> Iterator[Line]:
    """The posting list of a month: cp1252, semicolons, a banner above and the sums below."""
    path = folder / f"Kreditorenposten_{month_text(MONTHS[n])}.csv"
    sums: dict[str, int] = {}
    with path.open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow([f"Kreditoren-Einzelposten {NAME} GmbH"])
        writer.writerow([f"Buchungskreis 1000, Periode {MONTHS[n]:%m/%Y}"])
        file.write("\r\n")
        writer.writerow(ERP_HEADER)
        for line in lines:
            writer.writerow(erp_row(line))
            sums[line.currency] = sums.get(line.currency, 0) + line.units // CENT
            yield line
        for currency, cents in sorted(sums.items()):
            writer.writerow(["Summe", *[""] * 15, german(cents), "", currency, ""])
    if n == TWICE:
        copyfile(path, path.with_name(f"{path.stem} (1).csv"))


def erp_row(line: Line) -> Sequence[str]:
    cents = line.units // CENT
    kind = {"bill": "KR", "credit_note": "KG"}[line.kind]
    tax = cents * 19 // 100 if line.currency == "EUR" else 0
    return (
        "1000", line.document, f"{line.number:03d}", "ZZ" if line.fault is Fault.KIND else kind,
        "31.02.2025" if line.fault is Fault.DATE else f"{line.posted_on:%d.%m.%Y}", f"{line.invoiced_on:%d.%m.%Y}",
        f"00{70000 + VENDORS.index(BY_NAME[line.vendor])}", line.spelling, f"R{line.document[-8:]}", line.contract, line.initiative,
        line.gl_account, ACCOUNTS[line.gl_account], line.cost_center,
        f"{line.service_start_on:%d.%m.%Y}" if line.service_start_on else "", f"{line.service_end_on:%d.%m.%Y}" if line.service_end_on else "",
        "siehe Anlage" if line.fault is Fault.AMOUNT else german(cents), german(tax), "" if line.fault is Fault.CURRENCY else line.currency,
        line.description,
    )  # fmt: skip


def write_qbo(folder: Path, n: int, lines: Iterable[Line]) -> Iterator[Line]:
    """A QuickBooks report of a month: three lines of banner, a total, and below it when it was made."""
    month, total = MONTHS[n], 0
    kinds = {"bill": "Bill", "credit_note": "Vendor Credit", "payment": "Bill Payment (Check)"}
    with (folder / f"{NAME} Inc_Transaction List by Date {month_text(month)}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([f"{NAME} Inc."])
        writer.writerow(["Transaction List by Date"])
        writer.writerow([f"{month:%B} 1-{last_day(month).day}, {month.year}"])
        file.write("\r\n")
        writer.writerow(QBO_HEADER)
        for line in lines:
            cents = line.units // CENT
            total += cents
            day = f"{line.posted_on.month}/{line.posted_on.day}/{line.posted_on.year}"
            writer.writerow((
                "2/30/2026" if line.fault is Fault.DATE else day, kinds[line.kind], f"B-{line.document}", line.spelling, line.description,
                line.tool if line.names_tool else "", line.gl_account, ACCOUNTS[line.gl_account], line.cost_center,
                "" if line.fault is Fault.CURRENCY else line.currency, "see attached" if line.fault is Fault.AMOUNT else american(cents),
            ))  # fmt: skip
            yield line
        writer.writerow(["TOTAL", *[""] * 9, american(total)])
        file.write("\r\n")
        made = last_day(month) + timedelta(days=5)
        writer.writerow([f" {made:%A, %b %d, %Y} 09:14:02 AM GMT-5 - Accrual Basis"])


def write_card(folder: Path, n: int, lines: Iterable[Line]) -> Iterator[Line]:
    """The card statement of a month, and the files that deliver it again; every record of them, the replaced ones marked."""
    month = month_text(MONTHS[n])
    with ExitStack() as files:

        def statement(name: str, mode: str = "w") -> Callable[[Sequence[str]], object]:
            file = files.enter_context((folder / name).open(mode, encoding="utf-8", newline=""))
            write = csv.writer(file, lineterminator="\n").writerow
            if mode == "w":
                write(CARD_HEADER)
            return write

        deliveries = [statement(f"card_{month}.csv")]
        if n == CORRECTED:
            deliveries.append(statement(f"card_{month}_corrected.csv"))
        if n in DELIVERED_AGAIN:
            last = month_text(MONTHS[DELIVERED_AGAIN[-1]])
            deliveries.append(statement(f"card_{last}_ytd.csv", "w" if n == DELIVERED_AGAIN[0] else "a"))
        for place, line in enumerate(lines):
            versions = [line] * len(deliveries)
            if n == CORRECTED and place in TO_CORRECT:
                versions[0] = replace(line, units=line.units + WRONG_BY)
            for write, version in zip(deliveries, versions, strict=True):
                write(card_row(version))
            yield from (replace(version, is_superseded=True) for version in versions[:-1])
            yield line


def card_row(line: Line) -> Sequence[str]:
    cents = line.units // CENT
    amount = "pending" if line.fault is Fault.AMOUNT else f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
    return (
        f"TX{line.document}", iso(line.invoiced_on), "2025-04-31" if line.fault is Fault.DATE else iso(line.posted_on),
        f"**** {4000 + int(line.document) % 7}", line.spelling, "5734" if line.tool else "7399", amount,
        "" if line.fault is Fault.CURRENCY else line.currency, "Declined" if line.left_out == DECLINED else "Posted",
    )  # fmt: skip


def iso(day: date) -> str:
    return day.isoformat()
