"""Figures as drawings: small pure functions from numbers and marks to SVG, coloured by the page's own classes."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from markupsafe import Markup

from pipelines.report.words import plain

TEXT = Markup('<text x="{}" y="{}" class="{}">{}</text>')
BOX = Markup('<rect x="{}" y="{}" width="{}" height="{}" class="{}"/>')
LINE = Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" class="{}"/>')
NOTHING = Markup("")

Around = Callable[[Markup], Markup]


def at(value: float | Decimal) -> str:
    """A coordinate with at most one decimal, the same on every machine."""
    return f"{float(value):.1f}".removesuffix(".0")


def drawing(name: str, width: int, height: int, title: str, body: Markup) -> Markup:
    """An SVG that says what it shows."""
    head = Markup('<svg class="chart" id="{}" viewBox="0 0 {} {}" role="group" aria-label="{}">').format(name, width, height, title)
    return head + body + Markup("</svg>")


def box(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    return BOX.format(at(x), at(y), at(max(width, 0.8)), at(max(height, 0.8)), kind)


def words_at(x: float, y: float, text: str, kind: str = "t") -> Markup:
    return TEXT.format(at(x), at(y), kind, text)


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return LINE.format(at(x1), at(y1), at(x2), at(y2), kind)


def columns(months: Sequence[tuple[str, Decimal | None, Decimal | None, str, str, Around]], unit: str) -> Markup:
    """Months with what was spent (solid) and planned (outline), and below a strip of the differences.

    Each month: its name, spend, budget, spend as printed, difference as printed, and what makes its column a mark.
    """
    width, top, base, left = 980, 34, 204, 76
    slot = (width - left) / max(len(months), 1)
    bar = min(34.0, slot * 0.46)
    tallest = max([abs(a) for _, s, b, *_ in months for a in (s, b) if a is not None] + [Decimal(1)])
    scale = Decimal(base - top) / tallest
    has_budget = any(b is not None for _, _, b, *_ in months)
    widest = max([abs(s - b) for _, s, b, *_ in months if s is not None and b is not None] + [Decimal(1)])
    middle = 268
    body = words_at(0, top - 14, unit, "t mut")
    for place, (name, spend, budget, shown, difference, around) in enumerate(months):
        x = left + place * slot
        inner = NOTHING
        if budget is not None:
            inner += box(x + 10, base - float(budget * scale), bar, float(budget * scale), "bu")
        if spend is not None:
            height = max(float(spend * scale), 0.0)
            inner += box(x + 2, base - height, bar, height, "ac")
            label_over = max(height, float((budget or 0) * scale))
            inner += words_at(x + 6 + bar / 2, base - label_over - 6, shown, "t mid b")
        if spend is not None and budget is not None:
            size = float(abs(spend - budget) / widest * 26)
            kind = "adv" if spend > budget else "fav"
            inner += box(x + 2, middle - size if spend > budget else middle, bar, size, kind)
            inner += words_at(x + 2 + bar / 2, middle - size - 5 if spend > budget else middle + size + 13, difference, f"t mid {kind}-t")
        body += around(inner) if spend is not None else inner
        body += words_at(x + 6 + bar / 2, base + 17, name, "t mid mut")
    body += line(left, base, width, base, "ax")
    if has_budget:
        body += line(left, middle, width, middle, "ax") + words_at(0, middle - 2, "Difference", "t mut") + words_at(0, middle + 12, "to budget", "t mut")
    return drawing("chart-monthly", width, 306 if has_budget else 230, "Spend by month against budget", body)


def waterfall(steps_of: Sequence[tuple[str, str, Decimal, str, Around]], unit: str) -> Markup:
    """From one month to the next: the two months as whole columns, between them what each cause added or took away.

    Each step: its name, its class, its amount, the amount as printed, and what makes its column a mark.
    """
    width, top, base, left = 980, 34, 190, 76
    ends, level = [], Decimal(0)
    for _, kind, amount, *_ in steps_of:
        start, level = (Decimal(0), amount) if kind == "ac" else (level, level + amount)
        ends.append((start, level))
    high, low = max([max(pair) for pair in ends] + [Decimal(1)]), min([min(pair) for pair in ends] + [Decimal(0)])
    slot = (width - left) / max(len(steps_of), 1)
    bar = min(64.0, slot * 0.5)

    def y(value: Decimal) -> float:
        return top + float((high - value) / (high - low)) * (base - top)

    body = words_at(0, top - 14, unit, "t mut") + line(left, y(Decimal(0)), width, y(Decimal(0)), "ax")
    for place, ((name, kind, _, shown, around), (start, end)) in enumerate(zip(steps_of, ends, strict=True)):
        x = left + place * slot + (slot - bar) / 2
        upper = y(max(start, end))
        body += around(box(x, upper, bar, abs(y(start) - y(end)), kind) + words_at(x + bar / 2, upper - 6, shown, "t mid b"))
        if place + 1 < len(steps_of):
            body += line(x + bar, y(end), x + slot, y(end), "grid")
        for nth, told in enumerate(in_lines(name, int(slot / 6.2))):
            body += words_at(x + bar / 2, base + 17 + 13 * nth, told, "t mid mut")
    return drawing("chart-bridge", width, base + 48, "What changed since the month before", body)


def in_lines(text: str, wide: int) -> list[str]:
    """A text in up to three lines of about so many letters."""
    found = [""]
    for word in text.split():
        found = [*found[:-1], f"{found[-1]} {word}".strip()] if len(found[-1]) + len(word) < wide or not found[-1] else [*found, word]
    return found[:3]


def stacked(parts: Sequence[tuple[str, Decimal, Around]]) -> Markup:
    """One bar in parts: class, amount and what makes the part a mark, with its share where it is wide enough."""
    width, total = 980, sum((amount for _, amount, _ in parts if amount > 0), Decimal(0))
    body, x = NOTHING, 0.0
    for kind, amount, around in parts:
        size = float(amount / total * width) if total and amount > 0 else 0.0
        if size:
            share = words_at(x + size / 2, 23, f"{plain(amount / total * 100, 0)}%", f"t mid b {kind}-t") if size > 34 else NOTHING
            body += around(box(x, 0, size - 2, 38, kind) + share)
        x += size
    return drawing("chart-purpose", width, 40, "What the money is for", body)


def bar(amount: Decimal, largest: Decimal) -> Markup:
    """A bar for a cell of a table."""
    size = max(float(amount / largest * 120), 0.8) if largest > 0 and amount > 0 else 0.0
    return Markup('<svg class="ib" viewBox="0 0 120 12" aria-hidden="true">{}</svg>').format(box(0, 1, size, 10, "ac") if size else "")


def track(progress: Decimal | None) -> Markup:
    """The way from start (left) to target (right); left of the start means that it got worse."""
    if progress is None:
        return NOTHING
    low, high = min(Decimal(0), progress, Decimal("-0.1")), max(Decimal(1), progress) + Decimal("0.06")
    low = max(low, Decimal("-1")) - Decimal("0.04")
    high = min(high, Decimal("2"))

    def x(value: Decimal) -> float:
        return 6 + float((min(max(value, low), high) - low) / (high - low)) * 168

    kind = "adv" if progress < 0 else "fav"
    target = x(Decimal(1))
    body = line(x(Decimal(0)), 12, target, 12, "way") + line(x(Decimal(0)), 12, x(progress), 12, f"{kind}-l") + line(x(Decimal(0)), 5, x(Decimal(0)), 19, "tick")
    body += Markup('<path d="M{} 2h10l-5 7z" class="ac"/><circle cx="{}" cy="12" r="5" class="{}"/>').format(at(target - 5), at(x(progress)), kind)
    return Markup('<svg class="ib tr" viewBox="0 0 180 22" aria-hidden="true">{}</svg>').format(body)


def timeline(today: date, contracts: Sequence[tuple[str, str, date | None, date | None, str, bool]], around: Sequence[Around]) -> Markup:
    """Contracts by the day to decide: name, cost, that day, the end of the term, what is left, and whether it is late or soon.

    A diamond is the day to decide, hollow where it has passed; a circle is the end of the term.
    """
    known = [(c, a) for c, a in zip(contracts, around, strict=True) if c[2] and c[3]]
    if not known:
        return NOTHING
    first = min(today, *(c[2] for c, _ in known)) - timedelta(days=8)
    last = max(today, *(c[3] for c, _ in known)) + timedelta(days=4)
    width, left, right, high = 980, 330, 118, 27
    height = 44 + high * len(known)

    def x(day: date) -> float:
        return left + (day - first).days / max((last - first).days, 1) * (width - left - right)

    body, day = NOTHING, (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    while day <= last:
        body += line(x(day), 26, x(day), height - 8, "grid") + words_at(x(day) + 3, 20, f"{day:%b %Y}" if day.month == 1 else f"{day:%b}", "t mut")
        day = (day + timedelta(days=32)).replace(day=1)
    for place, ((name, cost, decide, end, left_over, urgent), mark) in enumerate(known):
        y, kind = 44 + place * high, "adv" if urgent else "ink"
        short = name if len(name) < 38 else f"{name[:36]}…"
        row = words_at(0, y + 4, short, "t b" if urgent else "t") + words_at(left - 18, y + 4, cost, "t end") + line(x(decide), y, x(end), y, f"{kind}-l thin")
        hollow = " hollow" if decide < today else ""
        row += Markup('<path d="M{} {}l6 -6 6 6 -6 6z" class="{}{}"/><circle cx="{}" cy="{}" r="4.5" class="{} hollow"/>').format(at(x(decide) - 6), y, kind, hollow, at(x(end)), y, kind)
        body += mark(row + words_at(x(end) + 11, y + 4, left_over, "t adv-t" if urgent else "t mut"))
    body += line(x(today), 26, x(today), height - 8, "today") + words_at(x(today) + 4, height - 1, f"{today.day} {today:%b}", "t acc")
    return drawing("chart-renewals", width, height + 4, "Days to decide and ends of terms", body)


def trend(points: Sequence[tuple[date, Decimal]], name: str, title: str, shown: Callable[[Decimal], str]) -> Markup:
    """A small line of months from zero, broken where a month is missing, with its first and last month named."""
    width, high, low, left, right = 260, 12, 66, 6, 254
    first, last = points[0][0], points[-1][0]
    span = max(steps(first, last), 1)
    top, bottom = max(*(v for _, v in points), Decimal(0)) or Decimal(1), min(*(v for _, v in points), Decimal(0))

    def place(month: date, value: Decimal) -> tuple[float, float]:
        x = left + steps(first, month) / span * (right - left) if first != last else (left + right) / 2
        return x, high + float((top - value) / (top - bottom)) * (low - high)

    body = line(left, place(first, Decimal(0))[1], right, place(first, Decimal(0))[1], "grid")
    path, before = "", None
    for month, value in points:
        x, y = place(month, value)
        path += f"{'L' if before and steps(before, month) == 1 else 'M'}{at(x)} {at(y)}"
        before = month
    body += Markup('<path d="{}" class="trend"/>').format(path)
    for month, value in points:
        x, y = place(month, value)
        body += Markup('<circle cx="{}" cy="{}" r="{}" class="dot"><title>{}: {}</title></circle>').format(at(x), at(y), "4" if month == last else "2.5", f"{month:%b %Y}", shown(value))
    if first != last:
        body += words_at(left, 84, f"{first:%b %Y}", "t mut") + words_at(right, 84, f"{last:%b %Y}", "t mut end")
    else:
        body += words_at((left + right) / 2, 84, f"{last:%b %Y}", "t mut mid")
    return drawing(name, width, 90, f"{title}: " + ", ".join(f"{month:%b %Y} {shown(value)}" for month, value in points), body)


def steps(first: date, last: date) -> int:
    """Months from one to another."""
    return 12 * (last.year - first.year) + last.month - first.month
