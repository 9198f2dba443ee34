"""What was planted in the sample company, counted while it is written, never from the files."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from pipelines.sample.company import AS_OF, MONTHS, month_text, people
from pipelines.sample.decisions import ALIGNED_CAPABILITIES, STALE, purpose
from pipelines.sample.ledgers import CORRECTED, TO_CORRECT, TWICE
from pipelines.sample.money import CENT, Rates, euro_cents, half_away, plain
from pipelines.sample.overlaps import overlap_kinds
from pipelines.sample.register import seats
from pipelines.sample.spend import DELIVERED_AGAIN, Fault, Line
from pipelines.sample.strategy import INITIATIVES, LINK_WITHOUT_BUSINESS_OWNER, LINKS
from pipelines.sample.tools import TOOLS
from pipelines.sample.vendors import LEFT_OPEN, VENDORS

Entry = Mapping[str, Any]

GAP_REASONS = {
    "BC-430.40": "no tool",
    "BC-510.30": "no tool",
    "BC-520.20": "weak fit",
    "BC-160.20": "end of life",
    "BC-230.20": "low adoption",
}
NOT_ASSESSED = "BC-720.30"
ADD_ON = "BC-600.50"
"""A capability whose second tool only supports the first: two tools, and no overlap."""
WINDOW_DAYS = 120


RecordKey = tuple[str, str | None, str | None, str, str | None]
"""Source, month, currency, status, rule; month or currency null where the record does not tell."""


@dataclass(frozen=True)
class Truth:
    """What a refresh of the sample company must find.

    An `amount` is exact decimal text in its own currency; `eur_cents` are whole cents of the reporting currency.
    """

    company: str
    seed: int
    scale: int
    first_month: str
    last_month: str
    spend_records: Sequence[Entry]
    """By source, month, currency, status (loaded, quarantined, excluded, superseded, counted_elsewhere) and, where excluded, the rule of the profile or
    the reason of the company's exclusion: records, amount, amount_unknown. Banners, blank rows and totals are no records."""
    spend_eur: Sequence[Entry]
    """Loaded lines by source, month and currency: lines, amount, and eur_cents, each line rounded by itself."""
    spend_eur_cents: int
    cloud_invoices: Sequence[Entry]
    """By month: the invoice's exact amount, its cents in euro, and the cents of the one `rounding` line beside its lines."""
    alignment: Sequence[Entry]
    """Loaded lines by month, alignment and mapping method: lines and eur_cents; without the rounding lines, which are aligned."""
    tool_spend: Sequence[Entry]
    """Loaded lines by tool and month; tool null: the line pays for no registered tool, or for one that nothing tells."""
    other_counts: Mapping[str, Mapping[str, int]]
    """Records of the exports that hold no spend, by source and status."""
    overlaps: Sequence[Entry]
    add_ons: Sequence[Entry]
    overlap_kinds: Sequence[Entry]
    """Every pair of tools for one capability with its kind; see `pipelines.sample.overlaps`."""
    gaps: Sequence[Entry]
    not_assessed: Sequence[Entry]
    priorities_with_little_money: Sequence[str]
    unmapped_tools: Sequence[str]
    capabilities_without_priority: Sequence[str]
    stale_mappings: Sequence[str]
    ownership_holes: Sequence[Entry]
    renewals: Sequence[Entry]
    seats: Mapping[str, Mapping[str, int]]
    initiatives_beside: Sequence[Sequence[str]]
    """Running initiatives for the same capability, each with the others."""
    downtime_minutes: Mapping[str, Mapping[str, int]]
    """By tool and month."""
    outcomes: Mapping[str, Any]
    """Effects of initiatives, downtime of operations, recovery, exploited flaws, risks, and who answers for what; see `outcomes_told`."""
    bad_rows: Sequence[Entry]
    bought_twice: Sequence[Entry]
    """Each charge on the card that is an invoice of a ledger again, with that invoice: counted once, in the ledger."""
    deliveries_again: Sequence[Entry]
    spellings: Mapping[str, Sequence[str]]
    spellings_left_open: Sequence[str]

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, ensure_ascii=False, default=list) + "\n"


@dataclass
class Tally:
    """Sums over every line that is written, kept small whatever the scale."""

    rates: Rates
    records: Counter[RecordKey] = field(default_factory=Counter)
    amounts: Counter[RecordKey] = field(default_factory=Counter)
    unknown: Counter[RecordKey] = field(default_factory=Counter)
    euros: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    aligned: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    aligned_lines: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    tools: Counter[tuple[str | None, str]] = field(default_factory=Counter)
    ledger: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    """What finance's own books say by month, source, account and their currency: bad rows with their right amounts too."""
    bad: list[Entry] = field(default_factory=list)
    twice: list[Entry] = field(default_factory=list)

    def add(self, line: Line) -> None:
        """Count a record of an export."""
        month = month_text(line.posted_on)
        status = "superseded" if line.is_superseded else "excluded" if line.left_out else "quarantined" if line.fault else "loaded"
        if status == "loaded" and line.copy_of:
            status = "counted_elsewhere"
            source, document = line.copy_of.split()
            self.twice.append({"source": line.source, "document": f"TX{line.document}", "month": month, "amount": plain(line.units),
                               "currency": line.currency, "counted_source": source, "counted_document": document})  # fmt: skip
        key = (line.source, None if line.fault is Fault.DATE else month, None if line.fault is Fault.CURRENCY else line.currency, status,
               line.left_out or None)  # fmt: skip
        self.records[key] += 1
        if line.fault is Fault.AMOUNT:
            self.unknown[key] += 1
        else:
            self.amounts[key] += line.units
        if status in {"loaded", "quarantined"}:
            self.book(line, month)
        if line.fault:
            self.bad.append({"source": line.source, "month": month, "document": line.document, "line": line.number, "fault": str(line.fault),
                             "amount": plain(line.units), "currency": line.currency, "gl_account": line.gl_account or None})  # fmt: skip
        if status == "loaded":
            self.add_loaded(line, month)

    def book(self, line: Line, month: str) -> None:
        """Count a record in finance's books: the German ones are kept in euro, whatever the invoice is in."""
        if line.source == "erp_de":
            cents = euro_cents(line.units, line.currency, line.invoiced_on, self.rates)
            self.ledger[month, line.source, line.gl_account, "EUR"] += cents * CENT
        else:
            self.ledger[month, line.source, line.gl_account, line.currency] += line.units

    def add_loaded(self, line: Line, month: str) -> None:
        cents = euro_cents(line.units, line.currency, line.invoiced_on, self.rates)
        found = purpose(line.initiative, line.tool, line.vendor, line.gl_account, line.cost_center)
        self.euros[line.source, month, line.currency] += cents
        self.aligned[month, found.alignment, found.method] += cents
        self.aligned_lines[month, found.alignment, found.method] += 1
        self.tools[line.tool if line.names_tool or line.spelling not in LEFT_OPEN else None, month] += cents

    def cloud_invoices(self) -> list[Entry]:
        """A month's bill in one amount: rounded once in euro it differs from the sum of its rounded lines."""
        found = []
        for month in MONTHS:
            units, lines = self.amounts["cloud", month_text(month), "USD", "loaded", None], self.euros["cloud", month_text(month), "USD"]
            cents = euro_cents(units, "USD", month, self.rates)
            found.append({"month": month_text(month), "amount": plain(units), "currency": "USD", "invoice_cents": half_away(units, CENT),
                          "eur_cents": cents, "lines_eur_cents": lines, "rounding_eur_cents": cents - lines})  # fmt: skip
        return found


def tools_of(capability_id: str) -> list[str]:
    return sorted(tool.name for tool in TOOLS if any(use.capability_id == capability_id for use in tool.uses))


def year_spend(tally: Tally, tool: str) -> int:
    """Cents of the last twelve months."""
    return sum(tally.tools[tool, month_text(month)] for month in MONTHS[-12:])


def overlap(tally: Tally, capability_id: str) -> Entry:
    names = tools_of(capability_id)
    return {"capability_id": capability_id, "tools": names, "last_12_months_eur_cents": {name: year_spend(tally, name) for name in names}}


def gap(capability_id: str) -> Entry:
    fits = {tool.name: use.fit for tool in TOOLS for use in tool.uses if use.capability_id == capability_id}
    needed = [{"priority_id": priority, "required_percent": level} for priority, capability, level, _ in LINKS if capability == capability_id]
    best = max((fit for fit in fits.values() if fit is not None), default=None)
    return {"capability_id": capability_id, "needed_by": needed, "tools": sorted(fits), "best_fit_percent": best,
            "reason": GAP_REASONS.get(capability_id, "not assessed")}  # fmt: skip


def renewals(contracts: Sequence[Sequence[Any]]) -> list[Entry]:
    """Contracts that end in the 120 days after the last month, with the last day for notice."""
    found = []
    for number, _, vendor, tool, _, _, end, notice_days, *_ in contracts:
        if AS_OF < end <= AS_OF + timedelta(days=WINDOW_DAYS):
            notice = end - timedelta(days=notice_days)
            found.append({"contract_number": number, "vendor": vendor, "tool": tool, "end_on": str(end), "notice_on": str(notice)})
    return sorted(found, key=lambda row: row["end_on"])


def beside() -> list[list[str]]:
    """Groups of running initiatives that improve the same capability."""
    running: dict[str, list[str]] = {}
    for initiative_id, _, _, status, *_, capabilities in INITIATIVES:
        for capability in capabilities if status == "running" else ():
            running.setdefault(capability, []).append(initiative_id)
    return [sorted(group) for _, group in sorted(running.items()) if len(group) > 1]


def sorted_counts(counts: Counter[Any]) -> list[Any]:
    """Keys in order, with null first."""
    return sorted(counts, key=lambda key: tuple("" if part is None else part for part in key))


def told(tally: Tally, company: str, seed: int, scale: int, other: Mapping[str, Mapping[str, int]], contracts: Sequence[Sequence[Any]],
         downtime: Mapping[str, Mapping[str, int]], outcomes: Mapping[str, Any]) -> Truth:  # fmt: skip
    """The whole truth, from the sums and from what the tables of this package say."""
    served = {use.capability_id for tool in TOOLS for use in tool.uses}
    crowded = sorted(capability for capability in served if len(tools_of(capability)) > 1)
    names = ("source", "month", "currency", "status", "rule")
    return Truth(
        company=company, seed=seed, scale=scale, first_month=month_text(MONTHS[0]), last_month=month_text(MONTHS[-1]),
        spend_records=[dict(zip(names, key, strict=True)) | {"records": tally.records[key], "amount": plain(tally.amounts[key]),
                       "amount_unknown": tally.unknown[key]} for key in sorted_counts(tally.records)],
        spend_eur=[{"source": key[0], "month": key[1], "currency": key[2], "lines": tally.records[*key, "loaded", None],
                    "amount": plain(tally.amounts[*key, "loaded", None]), "eur_cents": tally.euros[key]} for key in sorted_counts(tally.euros)],
        spend_eur_cents=sum(tally.euros.values()),
        cloud_invoices=tally.cloud_invoices(),
        alignment=[{"month": key[0], "alignment": key[1], "method": key[2] or None, "lines": tally.aligned_lines[key],
                    "eur_cents": tally.aligned[key]} for key in sorted_counts(tally.aligned)],
        tool_spend=[{"tool": key[0], "month": key[1], "eur_cents": tally.tools[key]} for key in sorted_counts(tally.tools)],
        other_counts=other,
        overlaps=[overlap(tally, capability) for capability in crowded if capability != ADD_ON],
        add_ons=[overlap(tally, ADD_ON)],
        overlap_kinds=overlap_kinds(people(Random(f"plumbline sample {seed} people"))),
        initiatives_beside=beside(),
        gaps=[gap(capability) for capability in sorted(GAP_REASONS)],
        not_assessed=[gap(NOT_ASSESSED)],
        priorities_with_little_money=["parts-origin"],
        unmapped_tools=sorted(tool.name for tool in TOOLS if not tool.uses),
        capabilities_without_priority=sorted(served - ALIGNED_CAPABILITIES),
        stale_mappings=sorted(STALE),
        ownership_holes=[
            {"what": "link without business owner", "id": "/".join(LINK_WITHOUT_BUSINESS_OWNER)},
            {"what": "owner has left", "id": "security"},
            *({"what": "tool without business owner", "id": tool.name} for tool in TOOLS if not tool.business_owner),
        ],
        renewals=renewals(contracts), seats=seats(), downtime_minutes=downtime, outcomes=outcomes, bad_rows=tally.bad, bought_twice=tally.twice,
        deliveries_again=[
            {"source": "erp_de", "kind": "same bytes under two names", "months": [month_text(MONTHS[TWICE])]},
            {"source": "card", "kind": "corrected", "months": [month_text(MONTHS[CORRECTED])], "rows_changed": len(TO_CORRECT)},
            {"source": "card", "kind": "year to date", "months": [month_text(MONTHS[n]) for n in DELIVERED_AGAIN]},
            {"source": "tickets", "kind": "again when solved"},
        ],
        spellings={vendor.name: vendor.all_spellings for vendor in VENDORS},
        spellings_left_open=sorted(LEFT_OPEN),
    )  # fmt: skip


