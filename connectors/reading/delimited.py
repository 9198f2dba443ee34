"""Strict RFC 4180: a record is what the rules say, or the file is refused at that line.

Own code, because no reader at hand is strict: an extra empty last field, text behind a closing quote or an unclosed
quote pass without a word through the usual ones, and each moves values into wrong columns.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TextIO

from connectors.reading.nouns import Refused, Row

MAX_FIELD = 8 << 20
"""Characters in one field. The longest cell met in the wild was 5 MB; beyond this a quote was left open."""
WIDE = 4
"""Fields from which lines inside a quote that each have as many are no text: two names that begin with a quote swallow what is between."""
_QUOTES = "If '\"' is an ordinary letter in this file, declare quotes: false; else correct the line."


@dataclass(frozen=True)
class Grammar:
    """The patterns of one delimiter. A bare quote inside an unquoted field is a letter; at its start it must close."""

    record: re.Pattern[str]
    field: re.Pattern[str]
    quoted: re.Pattern[str]
    opened: re.Pattern[str]
    inside: re.Pattern[str]
    plain: re.Pattern[str]


@cache
def grammar(delimiter: str) -> Grammar:
    d = re.escape(delimiter)
    body, plain = r'(?:[^"]++|"")*+', rf'(?! *+")[^{d}]*+'
    cell = rf'(?:"{body}"|{plain})'
    return Grammar(
        record=re.compile(rf"{cell}(?:{d}{cell})*+"),
        field=re.compile(rf'(?:^|{d})(?:"({body})"|({plain}))'),
        quoted=re.compile(rf'"({body})"(?={d}|\Z)'),
        opened=re.compile(rf'"({body})\Z'),
        inside=re.compile(body),
        plain=re.compile(plain),
    )


def rows(stream: TextIO, file: str, delimiter: str, *, quotes: bool = True, line_end: str = "\n") -> Iterator[Row]:
    """The physical records of a text, each with its first line's number, its cells and its raw text.

    `stream` must split lines at `line_end` without translating it. Raises `Refused` for an unclosed quote (at the line
    where it opens), text behind a closing quote, blanks before an opening one, a stray line end, a field over 8 MB.
    """
    end, stray = ("\r", "\n") if line_end == "\r" else ("\n", "\r")
    rules = grammar(delimiter)
    number = 0
    for line in stream:
        number += 1
        raw = line.rstrip(end)
        if stray in raw:
            if stray == "\r" and raw[-1] == "\r":
                raw = raw[:-1]
            if stray in raw and not (quotes and '"' in raw):
                raise _stray(file, number)
        if not quotes or '"' not in raw:
            cells = raw.split(delimiter)
            if len(raw) > MAX_FIELD:
                _check_length(cells, file, number)
            yield number, cells, raw
            continue
        if raw[0] == '"' == raw[-1]:
            # All cells quoted and no quote inside one: no other way to read it, and the usual form of such exports.
            cells = raw[1:-1].split(f'"{delimiter}"')
            if raw.count('"') == 2 * len(cells):
                if len(raw) > MAX_FIELD:
                    _check_length(cells, file, number)
                yield number, cells, raw
                continue
        if rules.record.fullmatch(raw):
            pairs = rules.field.findall(raw)
            if stray in raw and any(stray in plain for _, plain in pairs):
                raise _stray(file, number)
            if '\\"' in raw and any('"' in plain for _, plain in pairs):
                raise Refused(file, "quotes seem to be escaped by a backslash", _QUOTES, line=number)
            cells = [quoted.replace('""', '"') if quoted else plain for quoted, plain in pairs]
            if len(raw) > MAX_FIELD:
                _check_length(cells, file, number)
            yield number, cells, raw
            continue
        start = number
        cells, raw, number = _record(line, stream, rules, file, number, delimiter, end, stray)
        yield start, cells, raw


def _record(
    line: str, stream: TextIO, rules: Grammar, file: str, number: int, delimiter: str, end: str, stray: str
) -> tuple[list[str], str, int]:
    """A record over several lines, or the reason why a line is none."""
    cells: list[str] = []
    lines = [line]
    raw, at = _bare(line, end, stray), 0
    while True:
        if raw[at : at + 1] != '"':
            plain = rules.plain.match(raw, at)
            if plain is None:
                why = "there are blanks before an opening quote"
                raise Refused(file, why, _QUOTES, line=number, column=_nth(cells))
            if stray in plain[0]:
                raise _stray(file, number)
            cells.append(plain[0])
            at = plain.end()
        elif quoted := rules.quoted.match(raw, at):
            cells.append(quoted[1].replace('""', '"'))
            at = quoted.end()
        elif rules.opened.match(raw, at):
            opened, pieces, length = number, [line[at + 1 :]], len(line)
            while True:
                line = next(stream, "")
                number, length = number + 1, length + len(line)
                if not line or length > MAX_FIELD:
                    why = "a quote opens here and is never closed" if not line else "a quoted field is longer than 8 MB"
                    raise Refused(file, why, _QUOTES, line=opened, column=_nth(cells))
                lines.append(line)
                raw = _bare(line, end, stray)
                within = rules.inside.match(raw)
                at = within.end() if within else 0
                if at < len(raw):
                    break
                pieces.append(line)
            pieces.append(raw[:at])
            at += 1
            if at < len(raw) and raw[at] != delimiter:
                raise _behind(file, number, cells)
            cells.append("".join(pieces).replace('""', '"'))
        else:
            raise _behind(file, number, cells)
        if at >= len(raw):
            if len(cells) >= WIDE and all(line.count(delimiter) == len(cells) - 1 for line in lines):
                why = f"a quote opens here and closes in line {number}, and each of these lines has the fields of a record of its own"
                raise Refused(file, why, _QUOTES, line=number - len(lines) + 1)
            return cells, "".join(lines).rstrip("\r\n"), number
        at += 1


def _bare(line: str, end: str, stray: str) -> str:
    raw = line.rstrip(end)
    return raw[:-1] if stray == "\r" and raw.endswith("\r") else raw


def _check_length(cells: list[str], file: str, number: int) -> None:
    if any(len(cell) > MAX_FIELD for cell in cells):
        raise Refused(file, "a field is longer than 8 MB", "It is no table cell: export the file again.", line=number)


def _stray(file: str, number: int) -> Refused:
    return Refused(file, "a stray line end stands inside the line", "Export the file again with one kind.", line=number)


def _behind(file: str, number: int, cells: list[str]) -> Refused:
    return Refused(file, "there is text behind a closing quote", _QUOTES, line=number, column=_nth(cells))


def _nth(cells: list[str]) -> str:
    return f"number {len(cells) + 1}"
