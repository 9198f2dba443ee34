"""The built-in sample company: a whole workspace with the exports of its systems, their dirt, and what was planted."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from random import Random

import yaml

from models import tables
from pipelines.sample.cloud import cloud_lines, write_focus
from pipelines.sample.company import MONTHS, NAME, month_text, people
from pipelines.sample.decisions import decisions
from pipelines.sample.ledgers import write_card, write_erp, write_qbo
from pipelines.sample.money import Rates, invented_rates, plain
from pipelines.sample.outcomes import outcomes, outcomes_told
from pipelines.sample.register import write_csv, write_register
from pipelines.sample.security import EXPLOITED_HEADER, exploited_rows, security
from pipelines.sample.service import by_month, write_service
from pipelines.sample.spend import Line, Spellings, lines_of
from pipelines.sample.strategy import CATALOGUE_NOTICE, strategy
from pipelines.sample.truth import Tally, Truth, told
from pipelines.sample.twice import PAID_BY_CARD, paid_by_card

__all__ = ["MONTH", "Truth", "write_sample"]

MONTH = month_text(MONTHS[-1])
"""The last month of the sample, the one to refresh."""

PROFILES = {
    "erp_de": "sap_vendor_items_de", "ap_us": "qbo_transactions", "card": "card_statement", "cloud": "focus_1_x", "tickets": "servicenow_tasks",
    "outages": "servicenow_outages", "servicenow_apps": "servicenow_applications", "okta": "sign_in_report", "m365": "m365_products",
    "snipeit": "snipeit_licenses", "hr": "employee_list", "contracts": "contract_register", "kev": "cisa_kev",
}  # fmt: skip
"""Source -> the profile that reads its exports."""
MONTHLY = ("erp_de", "ap_us", "card", "cloud", "tickets")
SUFFIX = {"contracts": "xlsx"}

README = f"""\
# {NAME}

An invented company, written by `plumbline demo`. Its people, figures, contracts and tickets are made up; the names of
software and its makers are used as facts. `truth.json` tells what was planted here, and what a refresh must find.

{CATALOGUE_NOTICE}
"""


def write_sample(folder: Path, *, scale: int = 1, seed: int = 1) -> Truth:
    """Write the sample company into a folder as a workspace and tell what was planted in it (`truth.json` holds the same).

    24 months to 2026-10. Scale 1 has about 7,900 spend lines and 20,000 tickets; both grow with `scale` by smaller
    purchases and more tickets, written as they are made. The same seed and scale give the same bytes.
    Raises ValueError for a scale below 1.
    """
    if scale < 1:
        raise ValueError(f"the scale is {scale}; the smallest is 1")
    exports = folder / "exports"
    for source in PROFILES:
        (exports / source).mkdir(parents=True, exist_ok=True)

    def chance(part: str) -> Random:
        return Random(f"plumbline sample {seed} {part}")

    tally = Tally(invented_rates(chance("rates")))
    for line in chain(spent(exports, scale, chance), billed(exports, scale, chance)):
        tally.add(line)
    contracts = write_register(exports, people(chance("people")), chance("usage"))
    tickets, down = write_service(exports, scale, chance("service"))
    write_csv(exports / "kev" / "known_exploited_vulnerabilities.csv", EXPLOITED_HEADER, exploited_rows())
    edited = {**strategy(chance("strategy")), **security(), "fx_rate": rate_rows(tally.rates), "control_total": control_rows(tally)}
    for name, found in outcomes(chance("outcomes")).items():
        edited[name] = [*edited.get(name, ()), *found]
    for name, rows in {**edited, **decisions()}.items():
        write_table(folder, name, rows)
    (folder / "plumbline.yml").write_text(settings_text(), encoding="utf-8")
    (folder / "README.md").write_text(README, encoding="utf-8")
    truth = told(tally, NAME, seed, scale, {"tickets": vars(tickets)}, contracts,
                 {tool: dict(by_month(spans)) for tool, spans in down.items()}, outcomes_told(down))  # fmt: skip
    (folder / "truth.json").write_text(truth.to_json(), encoding="utf-8")
    return truth


def spent(exports: Path, scale: int, chance: Callable[[str], Random]) -> Iterator[Line]:
    """Write the ledgers and the card statements, month by month; each record of them."""
    spellings, payers = Spellings(), Spellings()
    booked: dict[int, list[Line]] = {n: [] for n in range(len(MONTHS))}
    for source, write in (("erp_de", write_erp), ("ap_us", write_qbo)):
        for n in booked:
            for line in write(exports / source, n, lines_of(source, n, scale, chance(f"{source} {n}"), spellings)):
                booked[n] += [line] if line.tool in PAID_BY_CARD else []
                yield line
    for n, bills in booked.items():
        charges = lines_of("card", n, scale, chance(f"card {n}"), spellings)
        yield from write_card(exports / "card", n, chain(charges, paid_by_card(n, bills, chance(f"paid {n}"), payers)))


def billed(exports: Path, scale: int, chance: Callable[[str], Random]) -> Iterator[Line]:
    """Write the cloud bills; each charge."""
    for n, month in enumerate(MONTHS):
        yield from write_focus(exports / "cloud" / f"focus_{month_text(month)}.csv", cloud_lines(n, scale, chance(f"cloud {n}")))


def rate_rows(rates: Rates) -> list[Mapping[str, object]]:
    quoted = {day: f"{rate // 10**10}.{rate % 10**10 // 10**6:04d}" for day, rate in rates.items()}
    return [{"rate_on": day, "currency": "USD", "rate": rate, "rate_source": "sample"} for day, rate in quoted.items()]


def control_rows(tally: Tally) -> list[Mapping[str, object]]:
    """What finance says: the German books by two accounts in euro, the American books and the cloud as a whole, the card not at all.

    Months with bad rows do not tie: finance knows the amounts that the export garbled.
    """
    sums: dict[tuple[str, str, str, str], int] = {}
    for (month, source, account, currency), units in sorted(tally.ledger.items()):
        if source in {"ap_us", "cloud"} or (source == "erp_de" and account in {"6835", "6840"}):
            key = (month, source, account if source == "erp_de" else "", currency)
            sums[key] = sums.get(key, 0) + units
    names = ("month", "source_name", "gl_account", "currency")
    return [dict(zip(names, key, strict=True)) | {"amount": plain(units), "author": "Renate Oster"} for key, units in sums.items()]


def write_table(folder: Path, name: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Write rows of a contract into the file that people edit, with every column of the contract."""
    table = tables()[name]
    path = folder / table.home / table.file_name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, table.names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def settings_text() -> str:
    """plumbline.yml: money every month, tickets every month, the rest when somebody exports it."""
    sources = {
        source: {
            "files": f"{source}/*.{SUFFIX.get(source, 'csv')}",
            "profile": profile,
            "cadence": "monthly" if source in MONTHLY else "none",
            "lateness_days": 10,
        }
        for source, profile in PROFILES.items()
    }
    settings = {
        "name": NAME, "currency": "EUR", "fiscal_year_start": 1, "timezone": "Europe/Berlin", "first_month": month_text(MONTHS[0]),
        "schedule": {"cron": "0 6 8 * *", "timezone": "Europe/Berlin"},
        "thresholds": {"quarantine_share": 0.01, "low_adoption_share": 0.5, "priority_money_share_low": 0.05, "renewal_window_days": 120,
                       "stale_mapping_days": 365},
        "sources": sources,
    }  # fmt: skip
    return yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)
