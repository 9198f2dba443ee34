"""The proof that a plain RFC 4180 reader reads what the strict reader would: one vectorised pass over the bytes.

Most files are plain. For those a fast reader with a fixed dialect may be used, if it is known - not hoped - that it
sees the same records. Everything that cannot be shown cheaply is «not proven», and the strict reader is used.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from connectors.reading import delimited, totals
from connectors.reading.archive import MIB, open_regular
from connectors.reading.header import name_columns, repeated_names
from connectors.reading.nouns import Layout, Refused, Row
from connectors.reading.settling import TAIL, Table, check_tail

CHUNK = 8 * MIB
MAX_LINE = CHUNK
MAX_LOOKED_AT = 2_000
"""Lines of one chunk that may be judged one by one before the pass would be slower than the strict reader."""
_NL, _SPACE, _QUOTE = 10, 32, 34
_BLANK = b'" \t\x0b\x0c\x1c\x1d\x1e\x1f'
"""Bytes that may stand before the first word of a row: ASCII blanks and the quote."""
_Bytes = npt.NDArray[np.uint8]
_Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Proof:
    """The file holds `records` records below line `header_row`, one a line, each exactly as wide as the header.

    `encoding` is "utf-8" (a byte order mark may stand before it). With `quotes` False no quote has a meaning. `trimmed`:
    no cell begins or ends with a blank, so that trimming them would change nothing.
    """

    records: int
    header_row: int
    encoding: str
    delimiter: str
    quotes: bool
    trimmed: bool


def prove(path: Path, layout: Layout) -> Proof | None:
    """Show that the records of a CSV file are its lines below the header, split by the delimiter outside quotes.

    Shown: UTF-8; no NUL, Ctrl-Z or stray CR; one kind of line end; balanced quotes that open and close at the ends of
    fields; no line end in quotes; the header's width everywhere; no blank record, total, repeated header or notice;
    a last record that is complete. None when any of it is not shown, or for a file inside an archive.
    """
    if layout.format != "csv" or layout.member is not None or not _provable(layout):
        return None
    try:
        return _Pass(path, layout).run()
    except Refused:
        return None


def _provable(layout: Layout) -> bool:
    """What the layout tells: another encoding, one column, a nameless or repeated one are for the strict reader."""
    if layout.encoding not in ("utf-8", "utf-8-sig") or layout.line_end not in ("\n", "\r\n"):
        return False
    if layout.delimiter is None or len(layout.delimiter) != 1 or not layout.delimiter.isascii():
        return False
    nameless = any(name == f"column {number}" for number, name in enumerate(layout.header, 1))
    return len(layout.header) > 1 and not nameless and not repeated_names(layout.header)


class _Pass:
    """One pass over one file; what is carried from chunk to chunk is a count of records and the last lines."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self.path, self.layout, self.width = path, layout, len(layout.header)
        self.delimiter = layout.delimiter or ","
        self.mark = self.delimiter.encode()
        self.end = (layout.line_end or "\n").encode()
        self.header: list[str] = []
        self.records = 0
        self.tail = b""
        self.complete = True
        self.trimmed = True

    def run(self) -> Proof | None:
        with open_regular(self.path) as stream:
            if not self._header(stream):
                return None
            self._prepare()
            for lines in self._chunks(stream):
                if not self._plain(lines):
                    return None
        if not self._tail_is_records():
            return None
        return Proof(self.records, self.layout.header_row, "utf-8", self.delimiter, self.layout.quotes, self.trimmed)

    def _header(self, stream: io.BufferedReader) -> bool:
        """Read up to the header. Lines above it may hold no quote, so that skipping lines skips records."""
        line = b""
        for number in range(1, self.layout.header_row + 1):
            line = stream.readline(MAX_LINE)
            if not line.endswith(self.end) or (number < self.layout.header_row and b'"' in line):
                return False
        if self.layout.header_row == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        rows = self._rows(line)
        self.header = rows[0][1] if len(rows) == 1 else []
        return name_columns(self.header) == self.layout.header

    def _prepare(self) -> None:
        """Tables of bytes: what may stand before a row's first word, and how the words begin that need a look."""
        kept = {self.mark[0], _NL} | ({_QUOTE} if self.layout.quotes else set())
        self.others = bytes(set(range(256)) - kept)
        self.borders = np.zeros(256, bool)
        self.borders[[self.mark[0], _NL, 13, *([_QUOTE] if self.layout.quotes else [])]] = True
        self.pattern = self.mark * (self.width - 1) + b"\n"
        self.skipped = np.zeros(256, bool)
        self.skipped[[self.mark[0], *_BLANK]] = True
        words = [word for label in totals.LABELS for word in (label, label.title(), label.upper())]
        self.beginnings = np.zeros(1 << 24, bool)
        self.beginnings[[_three(word.encode()) for word in words]] = True
        for blank in (letter.encode() for letter in map(chr, range(0x80, 0x3001)) if letter.isspace()):
            self.beginnings[_three(blank) : _three(blank) + 256 ** (3 - len(blank))] = True
        name = next((cell.encode() for cell in self.header if cell.strip()), b"")
        self.name = name.strip(_BLANK + self.mark).partition(b'"')[0]

    def _chunks(self, stream: io.BufferedReader) -> Iterator[bytes]:
        """Whole lines, about CHUNK bytes at a time; a last line without its end gets one."""
        rest = b""
        while block := stream.read(CHUNK):
            block = rest + block
            cut = block.rfind(b"\n") + 1
            if not cut and len(block) > 2 * MAX_LINE:
                raise Refused(self.path.name, "a line is too long", "")
            rest = block[cut:]
            if cut:
                yield block[:cut] if rest else block
        if rest:
            self.complete = False
            yield rest + self.end

    def _plain(self, lines: bytes) -> bool:
        if b"\0" in lines or b"\x1a" in lines or not _is_utf8(lines):
            return False
        feeds = lines.count(b"\n")
        if self.end == b"\r\n":
            if lines.count(b"\r\n") != feeds or lines.count(b"\r") != feeds:
                return False
        elif b"\r" in lines:
            return False
        data = np.frombuffer(lines, np.uint8)
        quotes = _QUOTE in lines if self.layout.quotes else False
        ends = np.flatnonzero(data == _NL)
        if not (self._even_quoted(lines, data) if quotes else self._even(lines, feeds)):
            return False
        if not self._no_odd_rows(lines, data, ends):
            return False
        self.trimmed = self.trimmed and self._is_trimmed(lines, data)
        self.records += feeds
        from_line = ends[-TAIL - 1] + 1 if feeds > TAIL else 0
        self.tail = b"".join((self.tail + lines[from_line:]).splitlines(keepends=True)[-TAIL:])
        return True

    def _is_trimmed(self, lines: bytes, data: _Bytes) -> bool:
        """No blank beside a delimiter, a quote or a line end; one inside a quoted cell may stand there and only costs a trim."""
        if b"\t" in lines or b"\xc2\xa0" in lines or data[0] == _SPACE:
            return False
        # Looked up, not searched for: a search for " ," stops at every blank between two words.
        spaces = np.flatnonzero(data == _SPACE)
        return not (self.borders[data[spaces - 1]] | self.borders[data[spaces + 1]]).any()

    def _even(self, lines: bytes, feeds: int) -> bool:
        """Without quotes, what is left of the lines when all but delimiters and line ends is deleted tells all."""
        return lines.translate(None, self.others) == self.pattern * feeds

    def _even_quoted(self, lines: bytes, data: _Bytes) -> bool:
        """Each quote opens at the beginning of a field, closes at its end, or is one of a doubled pair inside."""
        places = np.flatnonzero(data == _QUOTE)
        if len(places) % 2:
            return False
        opening, closing = places[0::2], places[1::2]
        before = data[opening - 1]
        before[opening == 0] = _NL
        after = data[closing + 1]
        borders = np.zeros(256, bool)
        borders[[self.mark[0], _NL, *self.end]] = True
        starts, stops = borders[before] & (before != 13), borders[after]
        paired = np.zeros(len(opening), bool)
        paired[1:] = opening[1:] == closing[:-1] + 1
        if not (starts | paired).all() or not (stops | np.append(paired[1:], False)).all():
            return False
        kept = np.frombuffer(lines.translate(None, self.others), np.uint8)
        is_quote = kept == _QUOTE
        outside = ~(np.logical_xor.accumulate(is_quote) | is_quote)
        left = kept[outside].tobytes()
        return np.count_nonzero(kept == _NL) == left.count(b"\n") and left == self.pattern * left.count(b"\n")

    def _no_odd_rows(self, lines: bytes, data: _Bytes, ends: _Places) -> bool:
        """No row that the strict reader could set aside: each suspicious one is judged by the rules it uses."""
        starts = np.empty_like(ends)
        starts[0], starts[1:] = 0, ends[:-1] + 1
        bare = self.width - 1 + len(self.end) - 1
        lengths = ends - starts
        if lengths.max() > delimited.MAX_FIELD:
            return False
        limit = bare + (2 * self.width if self.layout.quotes else 0)
        suspects = [np.flatnonzero((lengths <= limit) & self.skipped[data[starts]])]
        words = self._first_words(data, starts, ends)
        padded = np.append(data, np.zeros(2, np.uint8))
        three = _folded(padded[words]).astype(np.int32) << 16
        three |= _folded(padded[words + 1]).astype(np.int32) << 8
        three |= _folded(padded[words + 2])
        suspects.append(np.flatnonzero(self.beginnings[three]))
        suspects.append(self._like_header(data, words))
        found = np.unique(np.concatenate(suspects))
        if len(found) > MAX_LOOKED_AT:
            return False
        return all(self._is_record(row) for i in found for row in self._rows(lines[starts[i] : ends[i] + 1]))

    def _first_words(self, data: _Bytes, starts: _Places, ends: _Places) -> _Places:
        """Where each row's first cell with content begins: behind delimiters, quotes and blanks."""
        words = starts.copy()
        moving = np.flatnonzero(self.skipped[data[words]])
        while len(moving):
            words[moving] += 1
            moving = moving[self.skipped[data[words[moving]]]]
        return np.minimum(words, ends)

    def _like_header(self, data: _Bytes, words: _Places) -> _Places:
        """Rows whose first word begins as the header's does and ends there."""
        rows = np.arange(len(words))
        for offset, byte in enumerate(self.name):
            if not len(rows):
                break
            place = words[rows] + offset
            rows = rows[place < len(data)]
            rows = rows[data[words[rows] + offset] == byte]
        place = words[rows] + len(self.name)
        rows, place = rows[place < len(data)], place[place < len(data)]
        return rows[self.skipped[data[place]] | (data[place] == _NL) | (data[place] == 13)]

    def _is_record(self, row: Row) -> bool:
        cells = row[1]
        total = totals.is_total(cells, self.width) or totals.labelled(cells) or totals.doubtful(cells)
        return any(cells) and cells != self.header and not total

    def _tail_is_records(self) -> bool:
        rows = self._rows(self.tail)
        name, header = self.path.name, tuple(self.header)
        check_tail(Table(name, self.layout.header_row, header, complete=self.complete), rows)
        return not any(totals.unlabelled(row[1]) or totals.is_notice(row[1]) for row in rows)

    def _rows(self, lines: bytes) -> list[Row]:
        text = io.StringIO(lines.decode(), newline="\n")
        return list(delimited.rows(text, self.path.name, self.delimiter, quotes=self.layout.quotes))


def _is_utf8(lines: bytes) -> bool:
    if lines.isascii():
        return True
    try:
        lines.decode()
    except UnicodeDecodeError:
        return False
    return True


def _folded(values: _Bytes) -> _Bytes:
    """ASCII capitals as small letters; all other bytes as they are."""
    return np.where((values >= 65) & (values <= 90), values | 32, values)


def _three(word: bytes) -> int:
    lower = bytes(byte | 32 if 65 <= byte <= 90 else byte for byte in word[:3].ljust(3, b"\0"))
    return int.from_bytes(lower, "big")
