"""Records of a JSON answer as the exact text they had: 10.50 stays 10.50, and an id of 20 digits keeps them all.

The standard library's scanner, written in C, is walked along the path to the list, so that a page is parsed once.
"""

import json
import re
from collections.abc import Callable, Mapping
from json.decoder import WHITESPACE, scanstring  # type: ignore[attr-defined]

from connectors.api.nouns import Json
from connectors.reading.jsonlines import paired


class NoList(ValueError):
    """The body is JSON and does not have the list."""


def no_number(text: str) -> Json:
    """NaN and infinities, which Python reads and JSON does not have. Raises ValueError."""
    raise ValueError(f"{text} is no JSON")


DECODER = json.JSONDecoder(parse_constant=no_number)
_skip = WHITESPACE.match


def sliced(text: str, path: str) -> tuple[list[str], list[Json], Json]:
    """The records at a dotted path as texts of one line and as values, and the body without them.

    `""`: the body is the list. Raises NoList for a body without it, ValueError for what is no JSON.
    """
    found: list[tuple[int, int, Json]] = []
    try:
        envelope, end, reached = walk(text, _skip(text, 0).end(), path.split(".") if path else [], found)
    except (IndexError, StopIteration):
        raise ValueError("the JSON ends too early") from None
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    if _skip(text, end).end() != len(text):
        raise ValueError("there is more after the JSON")
    if not reached:
        raise NoList(f"there is no list at «{path or 'the top'}»")
    return [paired(one_line(text[start:stop])) for start, stop, _ in found], [value for _, _, value in found], envelope


def walk(text: str, at: int, path: list[str], found: list[tuple[int, int, Json]]) -> tuple[Json, int, bool]:
    """Read the value at `at`; the list at the end of `path` goes to `found`. The rest of it, where it ends, whether the list was there."""
    if not path:
        if text[at] != "[":
            value, end = DECODER.raw_decode(text, at)
            return value, end, False
        at = _skip(text, at + 1).end()
        if text[at] == "]":
            return [], at + 1, True
        decode = DECODER.raw_decode
        while True:
            value, end = decode(text, at)
            found.append((at, end, value))
            at = end if text[end] in ",]" else _skip(text, end).end()
            if text[at] == "]":
                return [], at + 1, True
            if text[at] != ",":
                raise ValueError(f"a comma is missing at letter {at}")
            at += 1
            if text[at] != "{":
                at = _skip(text, at).end()
    if text[at] != "{":
        value, end = DECODER.raw_decode(text, at)
        return value, end, False
    whole: dict[str, Json] = {}
    reached = False

    def read(name: str, start: int) -> int:
        nonlocal reached
        if name == path[0]:
            whole[name], end, reached = walk(text, start, path[1:], found)
        else:
            whole[name], end = DECODER.raw_decode(text, start)
        return end

    end = members(text, at, lambda name, _, start: read(name, start))
    return whole, end, reached


def members(text: str, at: int, read: Callable[[str, int, int], int]) -> int:
    """Give each member of the object at `at` to `read`, as name, start of the name and start of the value; it says where the value ends. Where the object ends."""
    at = _skip(text, at + 1).end()
    while text[at] != "}":
        if text[at] != '"':
            raise ValueError(f"a name is missing at letter {at}")
        first = at
        name, at = scanstring(text, at + 1, True)
        at = _skip(text, at).end()
        if text[at] != ":":
            raise ValueError(f"a colon is missing at letter {at}")
        at = _skip(text, read(name, first, _skip(text, at + 1).end())).end()
        if text[at] == ",":
            at = _skip(text, at + 1).end()
            if text[at] == "}":
                raise ValueError(f"a comma too many at letter {at}")
        elif text[at] != "}":
            raise ValueError(f"a comma is missing at letter {at}")
    return at + 1


def one_line(text: str) -> str:
    """A JSON text without line ends: outside of strings they are blanks, and inside JSON has none."""
    return text.replace("\n", " ").replace("\r", " ") if "\n" in text or "\r" in text else text


def without(text: str, names: frozenset[str]) -> str:
    """An object's text without some of its members: what is not asked for is not kept."""
    starts: list[tuple[str, int]] = []

    def read(name: str, first: int, start: int) -> int:
        starts.append((name, first))
        return int(DECODER.raw_decode(text, start)[1])

    end = members(text, 0, read)
    if not any(name in names for name, _ in starts):
        return text
    ends = [first for _, first in starts[1:]] + [end - 1]
    kept = [text[first:stop].rstrip().removesuffix(",") for (name, first), stop in zip(starts, ends, strict=True) if name not in names]
    return "{" + ", ".join(kept) + "}"


def renamed(text: str, names: Mapping[str, str]) -> str:
    """An object's text with members called otherwise, at any depth. A quoted name before a colon is a member: within a text its quotes are escaped."""
    return re.sub(rf'"({"|".join(map(re.escape, names))})"(?=\s*:)', lambda found: json.dumps(names[found[1]]), text)


def added(text: str, members_: dict[str, Json]) -> str:
    """An object's text with members before its own: where a record's parent is told."""
    own = text.lstrip()[1:]
    given = json.dumps(members_, ensure_ascii=False)[1:-1]
    return "{" + given + (", " if own.lstrip() != "}" else "") + own
