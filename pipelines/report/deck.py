"""Six slides for a board or a quarterly review: the page's own sentences and figures, from the same reading, as native charts and tables.

1 the message, six figures, the tie to the ledger   2 the four questions         3 budget and forecast
4 where the money goes                              5 overlaps, gaps, savings    6 roadmap, commitments, decisions

The notes of a slide name its figures and give the SELECT of each.
"""

from collections.abc import Sequence
from typing import Any

from dbt_like_sql import HOME, REPORT, SqlFile
from pipelines.report import boards, words
from pipelines.report.boards import WHOLE, Made
from pipelines.report.cells import MUTED
from pipelines.report.marks import Mark, Marker
from pipelines.report.page import Reading, environment, last_day
from pipelines.report.slides import MARGIN, WIDTH, Deck

SLIDES = 6


def deck(reading: Reading, picture: bytes | None = None) -> tuple[bytes, Sequence[Mark]]:
    """The presentation, and the marks whose numbers it prints; the same bytes for the same figures. `picture`: a logo as PNG."""
    mk = Marker(reading.money, printed=True)
    title = f"{reading.facts.company}: technology and priorities, {words.month(reading.month)}"
    made = Made(reading, mk, environment(mk, printed=True), Deck(title, reading.facts.run_id[:12], last_day(reading.month)))
    for place, (build, figures) in enumerate(BUILT, 1):
        slide = build(made)
        frame(made, slide, place, picture)
        made.deck.notes(slide, notes(reading, figures))
    return made.deck.bytes(), tuple(mk.made)


def frame(made: Made, slide: Any, place: int, picture: bytes | None) -> None:
    """What every slide bears: whose it is, of which month and run, its number, and the logo."""
    facts = made.reading.facts
    made.deck.text(slide, (MARGIN, 0.24, 9.5, 0.25), [(f"{facts.company}   ·   {words.month(made.reading.month)}   ·   {'Complete' if not facts.incomplete else 'Incomplete: ' + '; '.join(facts.incomplete)}", MUTED, False)], 11)
    made.deck.line(slide, MARGIN, 0.53, WHOLE)
    made.deck.text(slide, (MARGIN, 7.12, 11, 0.22), [(f"Amounts in {made.reading.money.currency}, as posted, without recoverable tax. Every figure shows its rows in report.html. Run {facts.run_id[:12]}", MUTED, False)], 9)
    made.deck.text(slide, (WIDTH - MARGIN - 0.6, 7.12, 0.6, 0.22), [(f"{place} of {SLIDES}", MUTED, False)], 9)
    if picture is not None:
        made.deck.picture(slide, picture, WIDTH - MARGIN, 0.13, 0.33, 1.8)


def notes(reading: Reading, figures: Sequence[str]) -> str:
    """Which figures a slide shows, and what gives them."""
    known = [name for name in figures if name in reading.figures]
    told = [f"report.{name}\n{SqlFile(HOME / REPORT / f'{name}.sql').sql.strip()}" for name in known]
    return f"Figures: {', '.join(f'report.{name}' for name in known)}. To see their rows: plumbline explain {known[0]}\n\n" + "\n\n".join(told)


BUILT = (
    (boards.message, ("spend", "provenance", "overlap", "gap", "renewal", "outcome", "priority", "reconciliation", "books")),
    (boards.questions, ("chain", "priority")),
    (boards.budget, ("spend", "monthly", "forecast", "provenance")),
    (boards.purpose, ("spend", "priority", "misalignment", "provenance")),
    (boards.matches, ("capability", "overlap", "gap", "saving")),
    (boards.roadmap, ("decision", "renewal", "roadmap", "overlap", "gap")),
)
"""What makes each slide, and the figures that it shows."""
