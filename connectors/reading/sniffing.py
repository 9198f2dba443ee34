"""Which delimiter a text file has and where its header is: one answer, or a refusal with the line that settles it."""

import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.reading import delimited
from connectors.reading.header import LOOKED_AT, Header, declared_header, filled, find_header, normalise
from connectors.reading.nouns import Dialect, Refused, Row

CANDIDATES = (",", ";", "\t", "|")
SAMPLE = 1 << 20
"""Characters looked at; of them at most `MAX_ROWS` records."""
MAX_ROWS = 200
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_SEP = re.compile(r'"?sep=([^\w\s"]|\t)"?', re.IGNORECASE)


@dataclass(frozen=True)
class Guess:
    """A delimiter and the table it makes of the sample."""

    delimiter: str
    header: Header
    row: Row
    share: float
    """Of the filled records below the header, the part that has the header's width."""
    banners: int
    following: int

    @property
    def width(self) -> int:
        return len(self.row[1])


def sniff(sample: str, whole: bool, file: str, dialect: Dialect, line_end: str) -> Guess:
    """The delimiter and header row of a text that begins with `sample` (`whole`: and ends with it).

    What is declared wins; then a first line «sep=;»; then the delimiter under which all records are as wide as the
    header and no other reading is as good. Raises `Refused` where two readings stand.
    """
    if not whole:
        sample = sample[: sample.rfind("\r" if line_end == "\r" else "\n") + 1] or sample
    first = next(iter(re.split(r"[\r\n]", sample.lstrip("\r\n"), maxsplit=1)), "")
    hint = _SEP.fullmatch(first.strip(" "))
    if hint and dialect.delimiter and hint[1] != dialect.delimiter:
        why = f"its first line says sep={hint[1]}, the profile says delimiter {dialect.delimiter!r}"
        raise Refused(file, why, "Correct the delimiter in the profile.", line=1)
    fixed = dialect.delimiter or (hint and hint[1])
    if fixed and (len(fixed) != 1 or fixed in '"\r\n'):
        raise Refused(file, f"the delimiter {fixed!r} is not one letter", "Declare one letter, for instance ';'.")
    # A delimiter that stands nowhere makes the same rows as any other such: the comma's tell what there is to tell.
    asked = [fixed] if fixed else [d for d in CANDIDATES if d == CANDIDATES[0] or d in sample]
    readings = {d: _sample_rows(sample, d, dialect.quotes, line_end) for d in asked}
    if hint:
        readings = {d: rows[1:] for d, rows in readings.items()}
    if dialect.header_row or dialect.header:
        return _declared(readings, file, dialect)
    return _found(readings, file, bool(fixed))


def _sample_rows(sample: str, delimiter: str, quotes: bool, line_end: str) -> list[Row]:
    """The first records under a delimiter, up to the first that this delimiter makes unreadable."""
    stream = io.StringIO(sample, newline="\r" if line_end == "\r" else "\n")
    rows: list[Row] = []
    try:
        for row in delimited.rows(stream, "", delimiter, quotes=quotes, line_end=line_end):
            rows.append(row)
            if len(rows) == MAX_ROWS:
                break
    except Refused:
        pass
    return rows


def _declared(readings: dict[str, list[Row]], file: str, dialect: Dialect) -> Guess:
    guesses: list[Guess] = []
    best: tuple[int, Row] | None = None
    for delimiter, rows in readings.items():
        if dialect.header_row:
            index = next((i for i, row in enumerate(rows) if row[0] == dialect.header_row), None)
            if index is not None and dialect.header and declared_header([rows[index]], dialect.header) is None:
                best, index = (0, rows[index]), None
        else:
            index = declared_header(rows, dialect.header or ())
            wanted = {normalise(name) for name in dialect.header or ()}
            for row in rows[:LOOKED_AT]:
                hits = len(wanted & {normalise(cell) for cell in row[1]})
                if hits and (best is None or hits > best[0]):
                    best = (hits, row)
        if index is not None:
            guesses.append(_guess(delimiter, rows, Header(index)))
    if not guesses:
        raise _missing(file, dialect, best)
    return _best([guess for guess in guesses if guess.width > 1] or guesses[:1], file)


def _missing(file: str, dialect: Dialect, best: tuple[int, Row] | None) -> Refused:
    if not dialect.header:
        return Refused(file, f"no record begins at the declared header_row {dialect.header_row}", "Correct it.")
    fix = "Export with the same columns as before, or adapt the profile (plumbline map)."
    if best is None:
        return Refused(file, f"none of the expected columns is there ({', '.join(dialect.header)})", fix)
    there = {normalise(cell) for cell in best[1][1]}
    gone = [name for name in dialect.header if normalise(name) not in there]
    new = [cell.strip() for cell in best[1][1] if normalise(cell) not in set(map(normalise, dialect.header))]
    why = f"the header lacks {', '.join(gone)} (it also has {', '.join(new[:12]) or 'nothing else'})"
    return Refused(file, why, fix, line=best[1][0])


def _found(readings: dict[str, list[Row]], file: str, fixed: bool) -> Guess:
    guesses = [guess for d, rows in readings.items() if (guess := _table(d, rows))]
    if guesses:
        return _checked(_best(guesses, file), file)
    delimiter, rows = next(iter(readings.items()))
    first = next((i for i, row in enumerate(rows) if filled(row[1])), None)
    if first is None:
        raise Refused(file, "no header row can be found", "Correct the first lines, or declare header_row.")
    line, _, raw = rows[first]
    if not fixed and any(d in raw for d in CANDIDATES):
        why = "the delimiter cannot be told: no reading gives rows as wide as the header"
        raise Refused(file, why, "Declare the delimiter in the profile (for instance delimiter: ';').", line=line)
    return _checked(_guess(delimiter, rows, find_header(rows, 1) or Header(first)), file)


def _table(delimiter: str, rows: Sequence[Row]) -> Guess | None:
    """The table of two or more columns that a delimiter makes, if it makes one."""
    widths = Counter(len(cells) for _, cells, raw in rows if raw.strip() and len(cells) > 1)
    if not widths:
        return None
    header = find_header(rows, widths.most_common(1)[0][0])
    if header is None:
        return None
    guess = _guess(delimiter, rows, header)
    alone = guess.banners and not guess.following
    return None if alone or guess.share < 0.5 else guess


def _guess(delimiter: str, rows: Sequence[Row], header: Header) -> Guess:
    row = rows[header.index]
    below = [len(cells) for _, cells, raw in rows[header.index + 1 :] if raw.strip()]
    same = below.count(len(row[1]))
    banners = sum(1 for _, cells, _ in rows[: header.index] if filled(cells))
    return Guess(delimiter, header, row, same / len(below) if below else 1.0, banners, same)


def _best(guesses: Sequence[Guess], file: str) -> Guess:
    """The guess that beats every other, being as even and as early, or even and at least twice as wide."""

    def beats(one: Guess, other: Guess) -> bool:
        if one.share == 1.0 and one.width >= 2 * other.width:
            return other.share < 1.0 or other.width == 1 or one.banners <= other.banners
        as_good = one.share >= other.share and one.banners <= other.banners
        return as_good and (one.share, -one.banners) != (other.share, -other.banners)

    for guess in guesses:
        if all(guess is other or beats(guess, other) for other in guesses):
            return guess
    names = " or ".join(NAMES.get(guess.delimiter, guess.delimiter) for guess in guesses)
    line = guesses[0].row[0]
    raise Refused(file, f"the delimiter may be {names}", "Declare the delimiter in the profile.", line=line)


def _checked(guess: Guess, file: str) -> Guess:
    if guess.header.doubt:
        fix = "Put one row of column names above the data, or declare header_row in the profile."
        raise Refused(file, guess.header.doubt, fix, line=guess.header.doubt_line)
    return guess
