"""A mark: a printed number together with the rows that prove it.

On the page it is a button with a number, data-m; under that number the page holds, packed, what proves it: its kind, its
figure, its value in full, a list of parts `[rows, column, where, sign]` and what it is called. A sum is its parts added up, a
count the number of their rows, a ratio the first divided by the second, a record the one row's own value. Written out in
the page, proofs and names took a third of its bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from markupsafe import Markup, escape

from pipelines.report import words
from pipelines.report.rows import RowSet, Where, plain_decimal, text

Number = Decimal | int


@dataclass(frozen=True)
class Part:
    """Rows of one kind, chosen by equalities; `column` is added up, or None where the rows are counted."""

    rows: str
    column: str | None
    where: Where
    sign: int = 1

    def told(self) -> list[object]:
        where = {c: [text(v) for v in w] if isinstance(w, list) else text(w) for c, w in self.where.items()}
        return [self.rows, self.column, where, self.sign]


@dataclass(frozen=True)
class Mark:
    """`value` in full, `shown` as printed, `kind` as figures declare it, the figure's name, and its number on the page. `printed`: on paper, where it is text."""

    kind: str
    figure: str
    parts: tuple[Part, ...]
    value: Decimal | date
    shown: str
    label: str
    number: int = 0
    printed: bool = False

    def told(self) -> list[object]:
        """What proves it, as the page's data keep it."""
        value = plain_decimal(self.value) if isinstance(self.value, Decimal) else self.value.isoformat()
        return [self.kind, self.figure, value, [part.told() for part in self.parts], self.name]

    @property
    def name(self) -> str:
        """What it is called where it can't be seen where it stands."""
        return f"{self.label}: {self.shown}"

    def __html__(self) -> str:
        if self.printed:
            return escape(self.shown)
        return Markup('<button data-m="{}">{}</button>').format(self.number, self.shown)

    def around(self, drawing: Markup) -> Markup:
        """The mark as part of a drawing."""
        if self.printed:
            return drawing
        return Markup('<a class="m" href="#sql-{}" role="button" data-m="{}" aria-label="{}">{}</a>').format(self.figure, self.number, self.name, drawing)


def measured(part: Part, sets: Mapping[str, RowSet]) -> Decimal:
    """What the rows of a part say."""
    rows = sets[part.rows]
    return part.sign * (Decimal(rows.number(part.where)) if part.column is None else rows.total(part.column, part.where))


def off_by(mark: Mark, sets: Mapping[str, RowSet]) -> Decimal | None:
    """How far a mark is from its rows; 0 where they prove it, None where a record is not one row with that value."""
    if mark.kind == "record":
        (part,) = mark.parts
        found = [row[sets[part.rows].columns.index(str(part.column))] for row in sets[part.rows].chosen(part.where)]
        return Decimal(0) if found == [mark.value] else None
    sums = [measured(part, sets) for part in mark.parts]
    proof = sums[0] / sums[1] if mark.kind == "ratio" else sum(sums, Decimal(0))
    return Decimal(str(mark.value)) - proof


@dataclass
class Marker:
    """Makes the marks of a page and keeps them. What is None has no rows: it is printed as an en dash."""

    money: words.Money
    made: list[Mark] = field(default_factory=list)
    printed: bool = False

    def mark(self, kind: str, figure: str, parts: Sequence[Part], value: Decimal | date, shown: str, label: str) -> Mark:
        self.made.append(Mark(kind, figure, tuple(parts), value, shown, label, len(self.made), self.printed))
        return self.made[-1]

    def styled(self, amount: Decimal, style: str) -> str:
        """An amount as `headline`, `cell`, `signed` (a cell with its sign), `size` (a headline without sign), `change` (one with its sign) or `exact`."""
        if style == "change":
            return f"{'+' if amount > 0 else '±' if not amount else ''}{self.money.headline(amount)}"
        if style == "cell" or style == "signed":
            return self.money.cell(amount, signed=style == "signed")
        return self.money.exact(amount) if style == "exact" else self.money.headline(abs(amount) if style == "size" else amount)

    def amount(self, figure: str, rows: str, column: str, value: Decimal | None, label: str, where: Where | None = None, style: str = "cell") -> Mark | str:
        """A sum of money over rows of one kind."""
        if value is None:
            return words.NONE
        return self.mark("sum", figure, [Part(rows, column, where or {})], value, self.styled(value, style), label)

    def spend(self, figure: str, value: Decimal | None, label: str, where: Where | None = None, style: str = "cell") -> Mark | str:
        """A sum of ledger rows."""
        return self.amount(figure, "ledger", "billed_amount", value, label, where, style)

    def budget(self, figure: str, value: Decimal | None, label: str, where: Where | None = None, style: str = "cell") -> Mark | str:
        """A sum of budget rows."""
        return self.amount(figure, "budget", "budget_amount", value, label, where, style)

    def variance(self, figure: str, spend: Decimal, budget: Decimal | None, label: str, spent: Where, planned: Where, style: str = "signed") -> Mark | str:
        """Spend less budget, from the rows of both."""
        if budget is None:
            return words.NONE
        parts = [Part("ledger", "billed_amount", spent), Part("budget", "budget_amount", planned, -1)]
        return self.mark("sum", figure, parts, spend - budget, self.styled(spend - budget, style), label)

    def forecast(self, figure: str, value: Decimal, label: str, spent: Where, ahead: Where, planned: Where | None = None, style: str = "cell") -> Mark:
        """What a year will cost: posted, still contracted and at the pace of other money; with `planned` less its budget."""
        parts = [Part("ledger", "billed_amount", spent), Part("forecast", "contracted_amount", ahead), Part("forecast", "run_rate_amount", ahead)]
        parts += [] if planned is None else [Part("budget", "budget_amount", planned, -1)]
        return self.mark("sum", figure, parts, value, self.styled(value, style), label)

    def extra(self, figure: str, groups: Mapping[str, Sequence[str]], value: Decimal, label: str, style: str = "cell") -> Mark:
        """What tools beside the kept one cost: `groups` gives those tools by capability."""
        parts = [Part("ledger", "billed_amount", {"capability_id": c, "tool_id": list(tools)}) for c, tools in groups.items()]
        return self.mark("sum", figure, parts, value, self.styled(value, style), label)

    def plain(self, figure: str, rows: str, column: str, value: Decimal, label: str, where: Where | None = None) -> Mark:
        """A sum in the currency that its rows are in."""
        return self.mark("sum", figure, [Part(rows, column, where or {})], value, words.plain(value, 2), label)

    def whole(self, figure: str, rows: str, column: str, value: int, label: str, where: Where | None = None) -> Mark:
        """A sum of whole numbers, such as counts of records."""
        return self.mark("sum", figure, [Part(rows, column, where or {})], Decimal(value), f"{value:,}", label)

    def count(self, figure: str, rows: str, value: int, label: str, where: Where | None = None, word: bool = False) -> Mark:
        """A number of rows."""
        shown = words.in_words(value) if word else f"{value:,}"
        return self.mark("count", figure, [Part(rows, None, where or {})], Decimal(value), shown, label)

    def share(self, figure: str, top: Part, bottom: Part, values: tuple[Decimal, Decimal], label: str, digits: int = 0) -> Mark | str:
        """One mark divided by another."""
        if not values[1]:
            return words.NONE
        ratio = values[0] / values[1]
        return self.mark("ratio", figure, [top, bottom], ratio, words.percent(ratio, digits), label)

    def each(self, figure: str, top: Part, bottom: Part, values: tuple[Decimal, int], label: str) -> Mark:
        """Money divided by a number of people or things."""
        ratio = values[0] / values[1]
        return self.mark("ratio", figure, [top, bottom], ratio, self.money.headline(ratio), label)

    def spend_share(self, figure: str, value: Decimal, total: Decimal, label: str, where: Where, digits: int = 0) -> Mark | str:
        """A part of the money of 12 months."""
        return self.share(figure, Part("ledger", "billed_amount", where), Part("ledger", "billed_amount", {}), (value, total), label, digits)

    def record(self, figure: str, rows: str, column: str, where: Where, value: Decimal | int | date | None, label: str, shown: str | None = None) -> Mark | str:
        """One observation, as its record says."""
        if value is None:
            return words.NONE
        if shown is None and column.endswith("_amount"):
            shown = self.money.cell(Decimal(value))  # type: ignore[arg-type]
        told = shown or (words.day(value) if isinstance(value, date) else f"{value:,}" if isinstance(value, int) else plain_decimal(value)).replace("-", words.MINUS)
        return self.mark("record", figure, [Part(rows, column, where)], value if isinstance(value, date) else Decimal(value), told, label)
