"""JSON and NDJSON: objects become rows of dotted columns; numbers stay the text they are in the file."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from connectors.reading import encoding
from connectors.reading.archive import MIB, Source
from connectors.reading.nouns import Dialect, Layout, Reading, Record, Refused, SetAside

MAX_WHOLE = 200 * MIB
"""A JSON document is held in memory whole; NDJSON is streamed and may be as large as a file may be."""
MAX_LINE = 8 * MIB
_FIX = "Export it again, as valid JSON."
HALVES = re.compile(r"\\\\|\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|(?P<half>\\u[dD][89a-fA-F][\da-fA-F]{2})")
"""A backslash that stands for itself, a character written as its two halves, or one half."""


class Number(str):
    """A JSON number as its text: 10.50 stays 10.50, and 12345678901234567.89 loses nothing."""


class _Invalid(ValueError):
    """Valid for lenient parsers, not for us."""


def tables(path: Path, source: Source, dialect: Dialect) -> list[Reading]:
    """The one table of a JSON or NDJSON file. Its header is the union of keys in order of first appearance."""
    seen = encoding.survey(source, dialect.encoding)
    if seen.encoding == "cp1252":
        raise Refused(source.shown, "is not UTF-8, which JSON must be", "Export it again, as UTF-8.")
    if source.ending == ".json":
        kind, values = "json", _document(source, seen.encoding, dialect.records_path)

        def objects() -> Iterator[dict[str, Any]]:
            return iter(values)
    else:
        kind = "ndjson"

        def objects() -> Iterator[dict[str, Any]]:
            return _lines(source, seen.encoding)

    header: dict[str, None] = {}
    for ordinal, value in enumerate(objects(), 1):
        header.update(dict.fromkeys(_flat(value, source.shown, ordinal)))
    names = tuple(header)
    notes = tuple(note for note in seen.notes if "no line end" not in note)
    layout = Layout(format=kind, member=source.member, encoding=seen.encoding, header=names, notes=notes)
    return [Reading(path, layout, lambda aside: _records(objects, names, source.shown, aside))]


def _records(
    objects: Callable[[], Iterator[dict[str, Any]]], names: tuple[str, ...], file: str, aside: list[SetAside]
) -> Iterator[Record]:
    for ordinal, value in enumerate(objects(), 1):
        row = _flat(value, file, ordinal)
        if row:
            yield Record(ordinal, tuple(map(row.get, names)))
        else:
            aside.append(SetAside(ordinal, "blank", "{}"))


def _document(source: Source, codec: str, wanted: str | None) -> list[dict[str, Any]]:
    with encoding.text(source, codec, "\n") as stream:
        text = stream.read(MAX_WHOLE + 1)
    if len(text) > MAX_WHOLE:
        raise Refused(source.shown, "is larger than 200 MB", "Export it as NDJSON (one object a line), or in parts.")
    found = _lists(_parse(text, source.shown, None), "")
    paths = [place for place, _ in found]
    if wanted is not None:
        found = [(place, values) for place, values in found if place == wanted]
    if len(found) != 1:
        there = ", ".join(f"«{place}»" for place in paths) or "none"
        which = f"at «{wanted}»" if wanted is not None else "or more than one"
        why = f"no list of records {which} (lists in it: {there})"
        raise Refused(source.shown, why, "Set records_path in the profile; an error page has no list at all.")
    values = found[0][1]
    for ordinal, value in enumerate(values, 1):
        if not isinstance(value, dict):
            raise Refused(source.shown, "the record is no object", _FIX, line=ordinal)
    return values


def _lines(source: Source, codec: str) -> Iterator[dict[str, Any]]:
    """One object a line. Blank lines end nothing and hold nothing: they are not records of the format."""
    with encoding.text(source, codec, "\n") as stream:
        for line, text in enumerate(stream, 1):
            if len(text) > MAX_LINE:
                raise Refused(source.shown, "the record is longer than 8 MB", _FIX, line=line)
            if not text.strip():
                continue
            value = _parse(text, source.shown, line)
            if not isinstance(value, dict):
                raise Refused(source.shown, "the line is no JSON object", _FIX, line=line)
            yield value


def _lists(value: Any, place: str) -> list[tuple[str, list[Any]]]:
    """Every list of objects that is reached through objects only, with its dotted path."""
    if isinstance(value, list):
        return [(place, value)] if not place or all(isinstance(item, dict) for item in value) else []
    if not isinstance(value, dict):
        return []
    return [found for key, inner in value.items() for found in _lists(inner, f"{place}.{key}" if place else key)]


def paired(text: str) -> str:
    """A JSON text in which half a character, as is left where a system cut a title within an emoji, is the mark of a lost one: no file can hold it."""
    return HALVES.sub(lambda found: "\\ufffd" if found["half"] else found[0], text) if "\\ud" in text or "\\uD" in text else text


def _parse(text: str, file: str, line: int | None) -> Any:
    try:
        return json.loads(
            paired(text), parse_float=Number, parse_int=Number, parse_constant=_no_constant, object_pairs_hook=_no_duplicates
        )
    except json.JSONDecodeError as error:
        at = line or error.lineno
        raise Refused(file, f"is not valid JSON: {error.msg} (column {error.colno})", _FIX, line=at) from error
    except _Invalid as error:
        raise Refused(file, str(error), _FIX, line=line) from error
    except RecursionError as error:
        raise Refused(file, "is nested too deeply", _FIX, line=line) from error


def _no_constant(text: str) -> Any:
    raise _Invalid(f"{text} is not a JSON number")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _Invalid(f"the key «{next(k for k in keys if keys.count(k) > 1)}» occurs twice in one object")
    return value


def listed(cell: str, file: str, line: int) -> list[dict[str, str | None]]:
    """The objects of a list that is one cell, each flat as a record is; numbers stay the text they are. Raises Refused."""
    values = _parse(cell, file, line)
    if not isinstance(values, list) or any(not isinstance(value, dict) for value in values):
        raise Refused(file, "a list of objects should stand there", _FIX, line=line)
    return [_flat(value, file, line) for value in values]


def _flat(value: dict[str, Any], file: str, ordinal: int, prefix: str = "") -> dict[str, str | None]:
    row: dict[str, str | None] = {}
    for key, inner in value.items():
        name = prefix + key
        if isinstance(inner, dict) and "__class__" not in inner and inner:
            part = _flat(inner, file, ordinal, f"{name}.")
        else:
            part = {name: _plain(inner, file, ordinal, name)}
        if clash := row.keys() & part.keys():
            raise Refused(file, "two values fall on one column", _FIX, line=ordinal, column=min(clash))
        row |= part
    return row


def _plain(value: Any, file: str, ordinal: int, name: str) -> str | None:
    """The text of a value that is one cell: a scalar, a list (as JSON), or Tryton's {"__class__": ...}."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict) and value:
        try:
            return _typed(value)
        except (KeyError, TypeError, ValueError) as error:
            why = f"«{value['__class__']}» is a value of unknown form"
            raise Refused(file, why, "Ask for a plain export.", line=ordinal, column=name) from error
    return _json(value)


def _typed(value: dict[str, Any]) -> str:
    """Tryton's JSON-RPC objects (trytond.protocols.jsonrpc): Decimal, date, datetime, time, timedelta."""
    parts = {key: int(text) for key, text in value.items() if key not in ("__class__", "decimal", "seconds", "base64")}
    match value["__class__"]:
        case "Decimal":
            return str(value["decimal"])
        case "date":
            return "{year:04}-{month:02}-{day:02}".format(**parts)
        case "time" | "datetime" as kind:
            day = "{year:04}-{month:02}-{day:02}T".format(**parts) if kind == "datetime" else ""
            fraction = f".{parts['microsecond']:06}" if parts.get("microsecond") else ""
            return day + "{hour:02}:{minute:02}:{second:02}".format(**parts) + fraction
        case "timedelta":
            return str(value["seconds"])
    raise ValueError(value["__class__"])


def _json(value: Any) -> str:
    """JSON text in which numbers stay as they were."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {_json(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
