"""Which lines of different sources are one purchase: rules that say how sure they are and why.

The surest pairs are joined first, then the nearest in time, one to one: no purchase holds two lines of a source. The
outcome follows from the lines alone, in whatever order they are given.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import combinations

SURE = Decimal("0.9")
"""Confidence from which a copy is set aside."""
ASKED = Decimal("0.5")
"""Confidence from which a person is asked; below it lines stay apart."""
NUMBER_DAYS, SAME_DAYS, NEAR_DAYS, WINDOW_DAYS, BILL_DAYS = 92, 3, 7, 14, 45
"""Days apart that lines of one purchase are posted: with one invoice number; most surely; surely; possibly; and for the total of a cloud bill."""
CLOUD = "usage"
FAMILY = {"invoice": "bill", "bill": "bill", "credit_note": "bill"}
"""Document types that are one kind of document. The others are a kind each."""

Row = tuple[str, int]
"""Part and row id of a line."""


@dataclass(frozen=True)
class Member:
    """One line of a unit."""

    row: Row
    amount: Decimal
    delivery_id: str
    file: str
    line: int
    gl_account: str | None = None


@dataclass(frozen=True)
class Unit:
    """What is compared: one line, or a document of several lines by its total.

    `kind` is the type of document, `number` the digits of the invoice number, `net` the amount in ten-thousandths and
    `gross` the same with the tax beside it.
    """

    unit_id: str
    source: str
    kind: str | None
    posted_on: date
    vendor_key: str | None
    vendor_name: str | None
    document_id: str | None
    currency: str
    net: int
    gross: int
    number: str
    members: tuple[Member, ...]
    is_document: bool = False


@dataclass(frozen=True)
class Pair:
    """Two units that may be one purchase, with the rule, its confidence from 0 to 1 and what speaks for it."""

    one: Unit
    other: Unit
    rule: str
    confidence: Decimal
    evidence: str
    decided_by: str | None = None

    @property
    def match_id(self) -> str:
        """The pair's name, by which a decision finds it again."""
        return "-".join(sorted((self.one.unit_id, self.other.unit_id)))


@dataclass
class Purchases:
    """Units joined so far. A unit is in one purchase, a line in one unit, and a source once in each purchase."""

    pairs: list[Pair] = field(default_factory=list)
    group: dict[str, dict[str, Unit]] = field(default_factory=dict)
    """Unit -> its purchase: source -> unit. Units of one purchase share the same mapping."""
    held: dict[Row, str] = field(default_factory=dict)

    def of(self, unit: Unit) -> dict[str, Unit]:
        return self.group.get(unit.unit_id) or {unit.source: unit}

    def can_join(self, one: Unit, other: Unit) -> bool:
        free = all(self.held.get(member.row, unit.unit_id) == unit.unit_id for unit in (one, other) for member in unit.members)
        return free and self.of(one).keys().isdisjoint(self.of(other).keys())

    def join(self, pair: Pair) -> None:
        together = self.of(pair.one) | self.of(pair.other)
        for unit in together.values():
            self.group[unit.unit_id] = together
            self.held |= {member.row: unit.unit_id for member in unit.members}
        self.pairs.append(pair)

    def groups(self) -> list[dict[str, Unit]]:
        return list({id(group): group for group in self.group.values()}.values())


def purchases(units: Sequence[Unit], declared: Mapping[str, int], decided: Mapping[str, tuple[str, str]]) -> tuple[Purchases, list[Pair]]:
    """The purchases that are sure or decided, and the pairs to ask a person about.

    `declared` leads from a source to the place a person gave it, saying that those of other places hold the same purchases; `decided` leads
    from a pair's `match_id` to `same` or `different` and who said so.
    """
    units = sorted(units, key=lambda unit: (unit.is_document, unit.source, unit.posted_on, unit.document_id or "", unit.unit_id))
    found, apart = Purchases(), {match_id for match_id, (verdict, _) in decided.items() if verdict == "different"}
    by_id = {unit.unit_id: unit for unit in units}
    for match_id, (verdict, author) in sorted(decided.items()):
        one, other = (by_id.get(unit_id) for unit_id in match_id.partition("-")[::2])
        if verdict == "same" and one and other and found.can_join(one, other):
            found.join(Pair(one, other, "decision", Decimal(1), f"{author} said so", author))
    rounds = list(buckets(units))
    for pair in chosen(rounds, found, declared, apart, SURE):
        found.join(pair)
    asked = Purchases(list(found.pairs), dict(found.group), dict(found.held))
    for pair in chosen(rounds, asked, declared, apart, ASKED):
        asked.join(pair)
    return found, asked.pairs[len(found.pairs) :]


def buckets(units: Sequence[Unit]) -> Iterator[tuple[str, list[dict[str, list[Unit]]]]]:
    """Units that share what a rule asks for, by source: for each rule its groups of at least two sources."""
    for rule, documents in (("number", False), ("number", True), ("vendor", False), ("vendor", True)):
        shared: dict[tuple[str, int, str], dict[str, list[Unit]]] = defaultdict(lambda: defaultdict(list))
        for unit in units:
            mark = (unit.number if len(unit.number) > 3 else "") if rule == "number" else unit.vendor_key
            if not mark or (unit.is_document and not documents):
                continue
            for amount in (unit.net,) if unit.net == unit.gross else (unit.net, unit.gross):
                shared[unit.currency, amount, mark][unit.source].append(unit)
        yield rule, [by_source for by_source in shared.values() if len(by_source) > 1]


def chosen(rounds: Sequence[tuple[str, list[dict[str, list[Unit]]]]], found: Purchases, declared: Mapping[str, int], apart: set[str],
           threshold: Decimal) -> Iterator[Pair]:  # fmt: skip
    """Pairs from the surest rule to the least, of each group the nearest first; a pair is to be joined before the next is asked for."""
    for rule, groups in rounds:
        for by_source in groups:
            for one_source, other_source in combinations(sorted(by_source), 2):
                ones, others = by_day(by_source[one_source]), by_day(by_source[other_source])
                window = NUMBER_DAYS if rule == "number" else BILL_DAYS
                days = sorted((abs((a - b).days), a, b) for a in ones for b in others if abs((a - b).days) <= window)
                for apart_by, a, b in days:
                    yield from on_days(rule, ones[a], others[b], apart_by, found, declared, apart, threshold)


def by_day(units: Iterable[Unit]) -> dict[date, list[Unit]]:
    found: dict[date, list[Unit]] = defaultdict(list)
    for unit in units:
        found[unit.posted_on].append(unit)
    return found


def on_days(rule: str, ones: Sequence[Unit], others: Sequence[Unit], days: int, found: Purchases, declared: Mapping[str, int], apart: set[str],
            threshold: Decimal) -> Iterator[Pair]:  # fmt: skip
    """Pairs of the units of two days: each takes the first that is free and fits."""
    for one in ones:
        for other in others:
            if not found.can_join(one, other):
                continue
            pair = judged(rule, one, other, days, declared)
            if pair and pair.confidence >= threshold and pair.match_id not in apart:
                yield pair
                break


def judged(rule: str, one: Unit, other: Unit, days: int, declared: Mapping[str, int]) -> Pair | None:
    """How sure a pair is; None where it is no pair."""
    if one.net != other.net and one.gross != other.net and one.net != other.gross:
        return None
    gross = one.net != other.net
    if rule == "number":
        if one.vendor_key and other.vendor_key:
            same = one.vendor_key == other.vendor_key
            confidence, vendor = (Decimal("0.99"), "vendor, ") if same else (Decimal("0.7"), "")
        else:
            confidence, vendor = Decimal("0.95"), ""
        evidence = [f"same {vendor}invoice number, amount and currency"]
    else:
        if one.number and other.number:
            return None
        confidence = near(one, other, days)
        evidence = ["same vendor, amount and currency"]
        kinds = {FAMILY.get(str(unit.kind), unit.kind) for unit in (one, other)}
        places = {declared[unit.source] for unit in (one, other) if unit.source in declared}
        if len(places) < 2 and len(kinds) < 2:
            confidence = min(confidence, Decimal("0.6"))
            evidence.append("both are the same kind of document, so they may be two purchases")
        elif None in kinds:
            confidence -= Decimal("0.02")
    if gross:
        confidence -= Decimal("0.02")
        evidence.append("one with the tax, the other without")
    if one.is_document or other.is_document:
        evidence.append("a document by the total of its lines")
    evidence.append("posted on one day" if not days else f"posted {days} day{'s' if days > 1 else ''} apart")
    return Pair(one, other, f"{rule}_total" if one.is_document or other.is_document else rule, confidence, "; ".join(evidence))


def near(one: Unit, other: Unit, days: int) -> Decimal:
    """Confidence by the days between. The total of a cloud bill is posted when its month begins and booked when it has ended."""
    if days <= SAME_DAYS:
        return Decimal("0.96")
    bill = any(unit.is_document and unit.kind == CLOUD for unit in (one, other))
    if days <= (BILL_DAYS if bill else NEAR_DAYS):
        return Decimal("0.92")
    return Decimal("0.7") if days <= WINDOW_DAYS else Decimal(0)
