"""How technology served: tickets of a ServiceNow desk and a list of outages."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random

from pipelines.sample.company import MONTHS, UNITS, last_day, month_text
from pipelines.sample.register import write_csv

TICKETS = 20_000
"""Tickets of 24 months at scale 1."""
TICKET_HEADER = (
    "number", "sys_class_name", "short_description", "state", "priority", "category", "cmdb_ci", "u_department", "assignment_group",
    "opened_at", "resolved_at", "closed_at", "reopen_count", "made_sla", "sys_updated_on",
)  # fmt: skip
OUTAGE_HEADER = ("number", "cmdb_ci", "type", "begin", "end", "short_description", "u_users_affected", "task_number")

CONCERNED = {
    "SAP S/4HANA": 22, "Microsoft 365 E3": 18, "Salesforce Sales Cloud": 7, "MPDV HYDRA": 12, "Veeam Backup & Replication": 6,
    "Okta Workforce Identity": 9, "Cisco Webex": 7, "Zoom Workplace": 3, "Planning Workbook": 9, "SOLIDWORKS": 6, "Jira": 3,
    "Microsoft Power BI": 3, "Anaplan": 4, "Zendesk Suite": 2, "Microsoft Windows 11 Pro": 14,
}  # fmt: skip
"""Tool -> how often a ticket is about it."""
TEXTS = ("No access", "Very slow since this morning", "Error when saving", "Report is empty", "Password reset", "New user", "Does not start",
         "Printout is wrong", "Please restore a file", "Interface stuck")  # fmt: skip
KINDS = (("Incident", 58), ("Request", 34), ("Change Request", 6), ("Problem", 2))
HOURS = {"1 - Critical": 4, "2 - High": 12, "3 - Moderate": 48, "4 - Low": 120}
QUARTER_ENDS = frozenset({3, 6, 9, 12})
BAD_OPENED, BAD_KIND = "2025-02-30 10:11:12", "Walk-up"
"""An instant that does not exist, and a kind of ticket that the contract does not know."""
BAD = {(3, 40): "opened_at", (3, 90): "opened_at", (7, 12): "kind", (11, 200): "kind", (19, 5): "opened_at"}
"""(number of the month, place in it) -> column that is planted wrong."""
UNPLANNED = {
    "SAP S/4HANA": 9, "MPDV HYDRA": 11, "Okta Workforce Identity": 3, "Microsoft 365 E3": 4, "Veeam Backup & Replication": 5, "Amazon Web Services": 3,
}  # fmt: skip
PREFIX = {"Incident": "INC", "Request": "REQ", "Change Request": "CHG", "Problem": "PRB"}


@dataclass
class TicketCount:
    """Records of the ticket files, by what should become of them."""

    loaded: int = 0
    superseded: int = 0
    quarantined: int = 0


def write_tickets(folder: Path, scale: int, rng: Random) -> TicketCount:
    """One file a quarter; what was still open at its end comes again, solved, at the top of the next."""
    counted = TicketCount()
    open_before: list[Sequence[str]] = []
    starts = [n for n, month in enumerate(MONTHS) if n == 0 or (month.month - 1) % 3 == 0]
    for start, end in zip(starts, [*starts[1:], len(MONTHS)], strict=True):
        last = MONTHS[end - 1]
        closes_at = datetime(last.year, last.month, last_day(last).day, 23, 59, 59)
        still_open: list[Sequence[str]] = []
        with (folder / f"task_{MONTHS[start]:%Y-%m}_to_{last:%Y-%m}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(TICKET_HEADER)
            writer.writerows(open_before)
            for n in range(start, end):
                for place, (row, solved_at) in enumerate(tickets(n, scale, rng)):
                    if (n, place) in BAD:
                        counted.quarantined += 1
                        writer.writerow(spoiled(row, BAD[n, place]))
                    elif solved_at > closes_at and end < len(MONTHS):
                        counted.superseded += 1
                        writer.writerow((*row[:3], "In Progress", *row[4:10], "", "", "0", "", row[9]))
                        still_open.append(row)
                        counted.loaded += 1
                    else:
                        counted.loaded += 1
                        writer.writerow(row)
        open_before = still_open
    return counted


def tickets(n: int, scale: int, rng: Random) -> Iterator[tuple[Sequence[str], datetime]]:
    """The tickets opened in the n-th month, solved, and when."""
    month = MONTHS[n]
    total = TICKETS * scale // len(MONTHS) + (n < TICKETS * scale % len(MONTHS))
    seconds = last_day(month).day * 86_400
    names, weights = list(CONCERNED), list(CONCERNED.values())
    kinds, kind_weights = zip(*KINDS, strict=True)
    units = [unit.name for unit in UNITS]
    head = [unit.kassel + unit.dayton for unit in UNITS]
    opened = sorted(rng.randrange(seconds) for _ in range(total))
    drawn = zip(
        opened,
        rng.choices(names, weights, k=total),
        rng.choices(kinds, kind_weights, k=total),
        rng.choices(units, head, k=total),
        rng.choices(tuple(HOURS), (4, 16, 45, 35), k=total),
        strict=True,
    )
    for place, (second, tool, kind, unit, priority) in enumerate(drawn):
        opened_at = datetime(month.year, month.month, 1) + timedelta(seconds=second)
        hours = HOURS[priority]
        solved_at = opened_at + timedelta(minutes=rng.randrange(10, hours * 90))
        met = "true" if solved_at - opened_at <= timedelta(hours=hours) else "false"
        text = rng.choice(TEXTS)
        if rng.randrange(150) == 0:
            text = f'{text}\n"{tool}" again, see the call of yesterday'
        yield (
            f"{PREFIX[kind]}{n:02d}{place:07d}", kind, text, "Closed", priority, "Software", tool, unit, "Service Desk", clock(opened_at),
            clock(solved_at), clock(solved_at + timedelta(days=3)), "1" if rng.randrange(25) == 0 else "0", met, clock(solved_at),
        ), solved_at  # fmt: skip


def spoiled(row: Sequence[str], column: str) -> Sequence[str]:
    if column == "opened_at":
        return (*row[:9], BAD_OPENED, *row[10:])
    return (row[0], BAD_KIND, *row[2:])


def clock(moment: datetime) -> str:
    return moment.isoformat(" ")


def outages(rng: Random) -> list[Sequence[object]]:
    """Unplanned outages, some of which overlap, and a maintenance window a quarter."""
    found: list[tuple[datetime, datetime, str, str, int]] = []
    for tool, count in UNPLANNED.items():
        for n in sorted(rng.sample(range(len(MONTHS)), count)):
            begin = datetime(MONTHS[n].year, MONTHS[n].month, 1) + timedelta(minutes=rng.randrange(28 * 1440))
            end = begin + timedelta(minutes=rng.randrange(25, 540))
            found.append((begin, end, tool, "Outage", rng.randrange(20, 400)))
            if n % 4 == 0:
                found.append((begin + timedelta(minutes=20), end + timedelta(minutes=45), tool, "Degradation", rng.randrange(10, 200)))
    for month in MONTHS:
        if month.month in QUARTER_ENDS:
            begin = datetime(month.year, month.month, 14, 20)
            found.append((begin, begin + timedelta(hours=6), "SAP S/4HANA", "Planned", 0))
    return [
        (f"OUT{1000 + n:07d}", tool, kind, clock(begin), clock(end), f"{tool} {kind.lower()}", users, "")
        for n, (begin, end, tool, kind, users) in enumerate(sorted(found))
    ]


Span = tuple[datetime, datetime]


def write_service(exports: Path, scale: int, rng: Random) -> tuple[TicketCount, dict[str, list[Span]]]:
    """Write tickets and outages; what became of the tickets, and the stretches in which each tool was down unplanned."""
    happened = outages(rng)
    write_csv(exports / "outages" / "cmdb_ci_outage.csv", OUTAGE_HEADER, happened)
    return write_tickets(exports / "tickets", scale, rng), downtime_spans(happened)


def downtime_spans(happened: Sequence[Sequence[object]]) -> dict[str, list[Span]]:
    """Tool -> stretches of unplanned outage, overlaps counted once."""
    spans: dict[str, list[Span]] = {}
    for _, tool, kind, begin, end, *_ in happened:
        if kind != "Planned":
            spans.setdefault(str(tool), []).append((datetime.fromisoformat(str(begin)), datetime.fromisoformat(str(end))))
    return {tool: list(merged(sorted(found))) for tool, found in sorted(spans.items())}


def merged(spans: Sequence[Span]) -> Iterator[Span]:
    """Each stretch that overlapping spans cover together; the spans are sorted."""
    begin, end = spans[0]
    for next_begin, next_end in spans[1:]:
        if next_begin > end:
            yield begin, end
            begin, end = next_begin, next_end
        else:
            end = max(end, next_end)
    yield begin, end


def by_month(stretches: Iterable[Span]) -> Counter[str]:
    """Month -> minutes in it."""
    minutes: Counter[str] = Counter()
    for begin, end in stretches:
        while begin < end:
            until = min(end, datetime.combine(last_day(begin.date()) + timedelta(days=1), time()))
            minutes[month_text(begin.date())] += int((until - begin).total_seconds()) // 60
            begin = until
    return minutes
