"""Where bytes come from: a regular file, a member of a zip, a gzip. Bombs, links and tricks of names end here."""

import errno
import os
import shutil
import stat
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from connectors.reading.nouns import Refused

MIB = 1 << 20
MAX_FILE = 2048 * MIB
MAX_ENTRIES = 1_000
MAX_RATIO = 200
MAX_WORKBOOK = 200 * MIB
_STEP = MIB


class _Folder:
    """A temporary folder that lives as long as a source needs it."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="plumbline-"))
        self._finalizer = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@dataclass(frozen=True)
class Source:
    """Bytes that can be read again and again. `shown` names them to people, `ending` is the lower-case suffix."""

    path: Path
    shown: str
    ending: str
    member: str | None = None
    keep: _Folder | None = None
    notes: tuple[str, ...] = ()

    def open(self) -> BinaryIO:
        return open_regular(self.path, self.shown)


def open_regular(path: Path, shown: str | None = None) -> BinaryIO:
    """The bytes of a regular file. Links, pipes, devices and folders raise `Refused`: an inbox holds files."""
    shown = shown or path.name
    fix = "Put the file itself there"
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
    except OSError as error:
        link = error.errno == errno.ELOOP
        why = "is a symbolic link" if link else f"cannot be opened ({os.strerror(error.errno or 0)})"
        raise Refused(shown, why, f"{fix}, readable for this user.") from error
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise Refused(shown, "is a folder, pipe or device, not a file", f"{fix}.")
    if status.st_size > MAX_FILE:
        os.close(handle)
        raise Refused(shown, f"has {status.st_size:,} bytes, more than 2 GB", "Export it in parts, say by month.")
    return os.fdopen(handle, "rb")


def sources(path: Path, known: frozenset[str]) -> Iterator[Source]:
    """The tables' bytes in a file: itself, its decompressed form, or each member of a zip with an ending in `known`."""
    with open_regular(path) as stream:
        if os.fstat(stream.fileno()).st_size == 0:
            raise Refused(
                path.name, "is empty (0 bytes)", "Export it again; even without rows it should have a header."
            )
        name = path.name.lower()
        if name.endswith(".gz"):
            yield _gunzip(path, stream, Path(name[:-3]).suffix, known)
        elif name.endswith(".zip"):
            yield from _members(path, stream, known)
        else:
            yield Source(path, path.name, path.suffix.lower())


def check_zip(archive: zipfile.ZipFile, shown: str, limit: int) -> list[zipfile.ZipInfo]:
    """The entries of an archive whose directory promises nothing dangerous; `limit` is their size in all, in bytes."""
    fix = "Unpack it yourself and give the files one by one."
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_ENTRIES:
        raise Refused(shown, f"holds {len(entries):,} entries, more than {MAX_ENTRIES:,}", fix)
    if sum(entry.file_size for entry in entries) > limit:
        raise Refused(shown, f"would unpack to more than {limit // MIB:,} MB", fix)
    names: set[str] = set()
    for entry in entries:
        if entry.flag_bits & 1:
            raise Refused(shown, f"«{entry.filename}» in it is encrypted", "Save it without a password.")
        if entry.file_size > MIB and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise Refused(shown, f"«{entry.filename}» in it unpacks to over {MAX_RATIO} times its size", fix)
        parts = entry.filename.replace("\\", "/").split("/")
        if ".." in parts or entry.filename.startswith(("/", "\\")) or ":" in parts[0]:
            raise Refused(shown, f"the name «{entry.filename}» in it points outside the archive", fix)
        if entry.filename in names:
            raise Refused(shown, f"it holds «{entry.filename}» twice", fix)
        names.add(entry.filename)
    return entries


def _members(path: Path, stream: BinaryIO, known: frozenset[str]) -> Iterator[Source]:
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise Refused(path.name, f"is not a whole zip archive ({error})", "Download or pack it again.") from error
    with archive:
        entries = check_zip(archive, path.name, MAX_FILE)
        nested = [e.filename for e in entries if e.filename.lower().endswith((".zip", ".gz", ".7z", ".rar", ".tar"))]
        if nested:
            raise Refused(path.name, f"it holds another archive, «{nested[0]}»", "Unpack it first.")
        wanted = [entry for entry in entries if _is_table(entry.filename, known)]
        others = [entry.filename for entry in entries if entry not in wanted and "__MACOSX" not in entry.filename]
        notes = (f"not read, of no known kind: {', '.join(others[:8])}",) if others else ()
        if not wanted:
            raise Refused(path.name, "holds no file of a known kind", f"Known endings: {', '.join(sorted(known))}.")
        for number, entry in enumerate(wanted):
            folder, ending = _Folder(), Path(entry.filename).suffix.lower()
            target = folder.path / f"{number}{ending}"
            shown = f"{path.name} / {entry.filename}"
            if not entry.file_size:
                raise Refused(shown, "is empty (0 bytes)", "Export it again, or take it out of the archive.")
            try:
                with archive.open(entry) as packed, target.open("wb") as plain:
                    shutil.copyfileobj(packed, plain, _STEP)
            except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
                raise Refused(shown, f"is damaged ({error})", "Download or pack the archive again.") from error
            yield Source(target, shown, ending, entry.filename, folder, notes)


def _is_table(name: str, known: frozenset[str]) -> bool:
    """Inside an archive a .txt is a readme."""
    inner = Path(name)
    return inner.suffix.lower() in known - {".txt"} and not inner.name.startswith(".") and "__MACOSX" not in inner.parts


def _gunzip(path: Path, stream: BinaryIO, ending: str, known: frozenset[str]) -> Source:
    """A gzip holds one file; a second member behind the first is refused, since half of the tools would drop it."""
    if ending not in known:
        raise Refused(path.name, f"is a gzip of «{ending}»", f"Known endings: {', '.join(sorted(known))}.")
    folder = _Folder()
    target = folder.path / f"0{ending}"
    packed, written, unpack = os.fstat(stream.fileno()).st_size, 0, zlib.decompressobj(wbits=31)
    try:
        with target.open("wb") as plain:
            while not unpack.eof and (block := unpack.unconsumed_tail or stream.read(_STEP)):
                part = unpack.decompress(block, _STEP)
                written += len(part)
                if written > MAX_FILE or (written > 16 * MIB and written > MAX_RATIO * packed):
                    raise Refused(path.name, "unpacks to too much, as bombs do", "Export it in parts.")
                plain.write(part)
    except zlib.error as error:
        raise Refused(path.name, f"is not a whole gzip file ({error})", "Download it again.") from error
    if not unpack.eof:
        raise Refused(path.name, "is cut off in the middle", "Download it again.")
    if unpack.unused_data or stream.read(1):
        raise Refused(path.name, "has more data behind its end", "Unpack it and give the plain file.")
    if not written:
        raise Refused(path.name, "is empty when unpacked", "Export it again.")
    return Source(target, path.name, ending, Path(path.name[:-3]).name, folder)
