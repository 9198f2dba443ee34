"""Which letters the bytes are, proved over the whole file; and the facts that the same pass shows."""

import codecs
import io
import re
from dataclasses import dataclass
from typing import TextIO

from connectors.reading.archive import MIB, Source
from connectors.reading.nouns import Refused

CHUNK = 8 * MIB
_DECLARE = "Declare the encoding in the profile (for instance encoding: cp1252), or export as UTF-8."
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SHORTENED = re.compile(rb"(?<![\w.])-?\d[.,]\d+E\+\d\d(?![\w.])")
_UTF8_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")

_NOT_WESTERN = re.compile(
    r"[^\W\d_](?=[^\x00-\x7f])[^\w\u2019\xb4°\u2013—·\xa0\xad](?=[^\W\d_])"  # «K”ln»: DOS letters read as signs
    r"|[^\W\d_][²³¹ªº¼½¾\u02c6ƒ](?=[^\W\d_])"  # «w³asny»: Central European
    r"|[^\W\d_][À-ÞŠŽŒŸ](?=[a-zà-ÿ])"  # «SociŽtŽ»: Macintosh
    r"|[À-ÿ]{4}"  # «Ïðèâåò»: Cyrillic or Greek
    r"|[¤¦]"  # the euro sign of ISO 8859-15
    r"|[†‡\u02c6‰\u02dc][a-z]"  # «‡a»: a DOS letter at the beginning of a word
)


@dataclass(frozen=True)
class Survey:
    """What one pass over all bytes proved. `encoding` is a Python codec name that decodes the file strictly."""

    encoding: str
    line_feeds: int
    line_end: str
    complete: bool
    """The last line ends with a line end."""
    notes: tuple[str, ...] = ()


def survey(source: Source, declared: str | None = None) -> Survey:
    """Decide the encoding and look at every byte: NUL, Ctrl-Z, endless lines, line ends.

    The order is byte order mark, NUL pattern of UTF-16, strict UTF-8, then Windows-1252 if the whole text is sensible
    in it (noted). A declared encoding is used strictly. Raises `Refused`, with the line, for all that is not certain.
    """
    with source.open() as stream:
        head = stream.read(CHUNK >> 4)
    marked = next((name for mark, name in _BOMS if head.startswith(mark)), None)
    encoding = _agreed(source, marked, declared) or _utf16_pattern(head) or "utf-8"
    try:
        return _look(source, encoding)
    except _Undecodable as error:
        if declared or encoding != "utf-8":
            why = f"these bytes are not {error.encoding} text"
            raise Refused(source.shown, why, _DECLARE, line=error.line) from error
        return _western(source, error.line)


def text(source: Source, encoding: str, line_end: str) -> TextIO:
    """The decoded file. Lines end at "\\n", or at "\\r" where that is the line end; no line end is translated."""
    return io.TextIOWrapper(source.open(), encoding, newline="\r" if line_end == "\r" else "\n")


class _Undecodable(Exception):
    def __init__(self, encoding: str, line: int) -> None:
        self.encoding, self.line = encoding, line


def _agreed(source: Source, marked: str | None, declared: str | None) -> str | None:
    if marked == "utf-32":
        raise Refused(source.shown, "is UTF-32 text", "Export as UTF-8.")
    if declared is None:
        return marked
    try:
        name = codecs.lookup(declared).name
    except LookupError as error:
        why = f"the declared encoding «{declared}» is unknown"
        raise Refused(source.shown, why, "Name one that Python knows.") from error
    if marked and not marked.startswith(name.removesuffix("-sig").removesuffix("-le").removesuffix("-be")):
        why = f"its byte order mark says {marked}, the profile says {declared}"
        raise Refused(source.shown, why, "Correct the encoding in the profile.")
    return marked or name


def _utf16_pattern(head: bytes) -> str | None:
    """UTF-16 without a mark: Western text has its NULs at every second byte, and only there."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    share = len(head) * 0.2
    if odd > share and not even:
        return "utf-16-le"
    return "utf-16-be" if even > share and not odd else None


def _look(source: Source, encoding: str) -> Survey:
    """One pass; the bytes of other encodings are looked at as UTF-8, so that one set of rules serves all."""
    plain = encoding in ("utf-8", "utf-8-sig")
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    feeds = pairs = returns = since = 0
    notes: list[str] = []
    last = b""
    with source.open() as stream:
        while block := stream.read(CHUNK):
            if block.endswith(b"\r"):
                block += stream.read(1)
            if not (plain and block.isascii() and not decoder.getstate()[0]):
                try:
                    decoded = decoder.decode(block)
                except UnicodeDecodeError as error:
                    raise _Undecodable(encoding, feeds + 1 + block[: error.start].count(b"\n")) from error
                if not plain:
                    if re.search("[\x80-\x9f]", decoded):
                        raise _Undecodable(encoding, feeds + 1)
                    block = decoded.encode()
            for byte, name in ((b"\0", "a NUL byte"), (b"\x1a", "a Ctrl-Z byte (end of file for old programs)")):
                if byte in block:
                    line = feeds + 1 + block[: block.index(byte)].count(b"\n")
                    fix = "The file is damaged or not text: export it again."
                    raise Refused(source.shown, f"there is {name} in it", fix, line=line)
            if not notes and b"E+" in block and (found := _SHORTENED.search(block)):
                line = feeds + 1 + block[: found.start()].count(b"\n")
                notes.append(f"line {line}: «{found[0].decode()}» looks like a long number cut short by a spreadsheet")
            since = _since_break(block, since)
            if since > 2 * CHUNK:
                why = f"a line is longer than {since // MIB} MB"
                raise Refused(source.shown, why, "It is no table, or damaged: export it again.", line=feeds + 1)
            feeds += block.count(b"\n")
            if b"\r" in block:
                returns += block.count(b"\r")
                pairs += block.count(b"\r\n")
            last = block or last
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise _Undecodable(encoding, feeds + 1) from error
    if not last:
        raise Refused(source.shown, "holds no text", "Export it again.")
    line_end = _line_end(source, encoding, feeds, pairs, returns)
    complete = last.endswith((b"\n", b"\r"))
    if not complete:
        notes.append("the last line has no line end: if the download was cut, it was cut there")
    return Survey(encoding, feeds, line_end, complete, tuple(notes))


def _since_break(block: bytes, since: int) -> int:
    last = max(block.rfind(b"\n"), block.rfind(b"\r"))
    return since + len(block) if last < 0 else len(block) - last - 1


def _line_end(source: Source, encoding: str, feeds: int, pairs: int, returns: int) -> str:
    if not returns:
        return "\n"
    if returns == pairs:
        return "\r\n" if feeds == pairs else "mixed"
    if feeds > pairs or pairs:
        # A lone CR may stand in quotes. Which of both ends a line is seen at the first end outside quotes.
        with io.TextIOWrapper(source.open(), encoding, newline="") as stream:
            inside = False
            for mark in re.finditer('["\r\n]', stream.read(CHUNK)):
                if mark[0] == '"':
                    inside = not inside
                elif not inside:
                    after = mark.string[mark.end() : mark.end() + 1]
                    return "\r" if mark[0] == "\r" and after != "\n" else "mixed"
        return "mixed"
    return "\r"


def _western(source: Source, first_bad: int) -> Survey:
    """Windows-1252, if nothing in the file speaks against it."""
    with source.open() as stream:
        for line, raw in enumerate(stream, 1):
            if raw.isascii():
                continue
            try:
                decoded = raw.decode("cp1252")
            except UnicodeDecodeError as error:
                raise Refused(source.shown, "is neither UTF-8 nor Windows-1252 text", _DECLARE, line=line) from error
            if _UTF8_LETTER.search(raw):
                why = f"this line holds UTF-8 letters but line {first_bad} is not UTF-8: two encodings in one file"
                raise Refused(source.shown, why, _DECLARE, line=line)
            if found := _NOT_WESTERN.search(decoded):
                why = f"is not UTF-8, and as Windows-1252 it would read «{found[0]}»"
                raise Refused(source.shown, why, _DECLARE, line=line)
    found = _look(source, "cp1252")
    note = f"not UTF-8 (line {first_bad}): read as Windows-1252; declare the encoding to be sure"
    return Survey(found.encoding, found.line_feeds, found.line_end, found.complete, (note, *found.notes))
