"""Deliveries: the original bytes of everything a refresh reads, kept for good.

A delivery is a folder `deliveries/<source>/<id>/` with the file as it came and `manifest.json`. It is written aside,
synced and renamed, so it is there whole or not at all; nothing here is ever changed or removed. All state of the
ingest lives in these manifests.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from connectors.days import named_period
from models import Home, tables
from pipelines.errors import ConfigError, DataRejected
from pipelines.publish import MANIFEST, crash_point
from pipelines.settings import FILE
from pipelines.workspace import EXPORTS, Workspace, slug

SETTINGS, PROFILES, EXTENSIONS = "settings", "profiles", "extensions"
NATURAL = re.compile(r"(\d+)")
LIKE_DATA = frozenset({".csv", ".tsv", ".xlsx", ".xls", ".json", ".yml", ".yaml"})


@dataclass(frozen=True)
class Delivery:
    """One file as it was on the day it was first seen.

    `sequence` orders all deliveries of a workspace; a clock may go back, a counter does not. `file` is its path in
    the workspace. `duplicate_of` names the earlier delivery that holds the same bytes and is the one that counts;
    `is_absent` tells that a file people edit was taken away. `kept_under` is the source it was first kept under,
    where plumbline.yml has given its file to another since.
    """

    delivery_id: str
    sequence: int
    home: str
    source: str
    file: str
    sha256: str
    size: int
    received_at: str
    duplicate_of: str | None = None
    is_absent: bool = False
    kept_under: str | None = None

    @property
    def received_on(self) -> date:
        return datetime.fromisoformat(self.received_at).date()

    def path(self, workspace: Path) -> Path:
        """The kept original."""
        return workspace / "deliveries" / (self.kept_under or self.source) / self.delivery_id / kept_name(self.file)


def kept_name(file: str) -> str:
    """The name under which a file is kept: its own, unless that is the manifest's."""
    name = Path(file).name
    return f"original-{name}" if name == MANIFEST else name


def natural(path: str) -> tuple[object, ...]:
    """Sorts files as people name them: `part 2` before `part 10`, in a folder `Dec 2025.csv` before `Jan 2026.csv`, and `bills.csv` before `bills (1).csv`, the second download."""
    folder, _, name = path.rpartition("/")
    return pieces(folder), named_period(name), pieces(Path(name).stem), name


def pieces(text: str) -> list[object]:
    """A text as its numbers and what stands between them."""
    return [(1, int(piece), "") if piece.isdecimal() else (0, 0, piece) for piece in NATURAL.split(text)]


def kept(workspace: Path) -> list[Delivery]:
    """All deliveries in their order."""
    found = []
    for manifest in (workspace / "deliveries").glob(f"*/[0-9]*/{MANIFEST}"):
        try:
            found.append(Delivery(**json.loads(manifest.read_text(encoding="utf-8"))))
        except (ValueError, TypeError) as error:
            raise DataRejected(f"{manifest}: the manifest can't be read ({error}). Restore it from a backup.") from None
    return sorted(found, key=lambda d: d.sequence)


def source_of(workspace: Workspace, file: Path) -> str:
    """The source of a file under exports/: the settings' pattern that fits it, else its folder, else its own name."""
    relative = file.relative_to(workspace.folder / EXPORTS)
    for name, settings in workspace.settings.sources.items():
        if settings.files and relative.match(settings.files):
            return name
    if len(relative.parts) > 1:
        return relative.parts[0]
    return slug(re.sub(r"[\d\W_]+", "_", relative.name.partition(".")[0]))


def assigned(workspace: Workspace, deliveries: Iterable[Delivery]) -> list[Delivery]:
    """The deliveries with exports under the source that the settings give their files to now."""
    found = []
    for delivery in deliveries:
        source = slug(source_of(workspace, workspace.folder / delivery.file)) if delivery.home == EXPORTS else delivery.source
        found.append(delivery if source == delivery.source else replace(delivery, source=source, kept_under=delivery.source))
    return found


def waiting(workspace: Workspace) -> Iterator[tuple[str, str, Path]]:
    """Every file that a refresh reads, as (home, source, path): settings, profiles, what people edit, exports."""
    folder = workspace.folder
    yield SETTINGS, SETTINGS, folder / FILE
    for path in workspace.own_profiles:
        yield SETTINGS, PROFILES, path
    for path in sorted((folder / "extensions").rglob("*")):
        if path.is_file() and path.suffix in {".sql", ".py"}:
            yield SETTINGS, EXTENSIONS, path
    for table in tables().values():
        if table.home is not Home.EXPORTS:
            for name in dict.fromkeys((table.file_name, f"{table.name}.csv")):
                if os.path.lexists(path := folder / table.home / name):
                    yield table.home, table.name, path
    strays = {
        path
        for home in (Home.STRATEGY, Home.DECISIONS)
        for path in (folder / home).glob("[!.~]*")
        if path.suffix.lower() in LIKE_DATA and path.name not in {n for t in tables().values() if t.home is home for n in (t.file_name, f"{t.name}.csv")}
    }
    if strays:
        known = ", ".join(sorted(t.file_name for t in tables().values() if t.home is not Home.EXPORTS))
        raise ConfigError(f"{min(strays)}: Plumbline knows no such file here. It knows {known}.")
    # Names that begin with a dot or, where a workbook is open in Excel, with ~$ are no exports; nor is what Windows leaves in folders.
    exports = [
        p for p in (folder / EXPORTS).rglob("*")
        if not any(part.startswith((".", "~$")) for part in p.relative_to(folder).parts) and p.name.lower() not in {"thumbs.db", "desktop.ini"}
    ]  # fmt: skip
    for path in sorted((p for p in exports if p.is_symlink() or not p.is_dir()), key=lambda p: natural(p.relative_to(folder).as_posix())):
        yield EXPORTS, source_of(workspace, path), path


def deliver(workspace: Workspace, now: datetime | None = None) -> list[Delivery]:
    """Keep every file that is new or changed; the new deliveries. Raises DataRejected for what is no regular file."""
    known = kept(workspace.folder)
    received_at = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    newest = {d.file: d for d in known}
    by_bytes = {d.sha256: d for d in reversed(known) if d.home == EXPORTS and not d.is_absent and not d.duplicate_of}
    sequence = known[-1].sequence if known else 0
    made: list[Delivery] = []
    seen: set[str] = set()
    for home, source, path in waiting(workspace):
        file = path.relative_to(workspace.folder).as_posix()
        seen.add(file)
        if path.is_symlink() or not path.is_file():
            raise DataRejected(f"{file} is a link, a pipe or a device. Put the file itself there.")
        before = newest.get(file)
        if before and not before.is_absent and before.size == path.stat().st_size and before.sha256 == hashed(path):
            continue
        incoming = emptied(workspace.folder / "deliveries" / ".incoming")
        sha256, size = copy(path, incoming / kept_name(file))
        sequence += 1
        twin = by_bytes.get(sha256) if home == EXPORTS and before is None else None
        delivery = Delivery(
            f"{sequence:06d}-{sha256[:12]}", sequence, home, slug(source), file, sha256, size, received_at,
            duplicate_of=twin.delivery_id if twin else None,
        )  # fmt: skip
        if twin:
            (incoming / kept_name(file)).unlink()
        commit(workspace.folder, incoming, delivery)
        made.append(delivery)
        if home == EXPORTS and twin is None:
            by_bytes.setdefault(sha256, delivery)
    for file, before in newest.items():
        if before.home != EXPORTS and not before.is_absent and file not in seen:
            sequence += 1
            gone = Delivery(f"{sequence:06d}-absent", sequence, before.home, before.source, file, "", 0, received_at, is_absent=True)
            commit(workspace.folder, emptied(workspace.folder / "deliveries" / ".incoming"), gone)
            made.append(gone)
    shutil.rmtree(workspace.folder / "deliveries" / ".incoming", ignore_errors=True)
    return made


def emptied(folder: Path) -> Path:
    """The folder, made anew: what a killed run left in it never became a delivery."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def hashed(path: Path) -> str:
    """The sha256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy(path: Path, target: Path) -> tuple[str, int]:
    """Copy a file's bytes; hash and size of the copy. A file that is still being written is refused."""
    before = path.stat()
    shutil.copyfile(path, target, follow_symlinks=False)  # in the kernel, where the system can
    with target.open("rb") as kept_file:
        os.fsync(kept_file.fileno())
    digest, size = hashed(target), target.stat().st_size
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or size != after.st_size:
        raise DataRejected(f"{path} changed while it was read. Wait until it is written, then refresh again.")
    return digest, size


def commit(workspace: Path, incoming: Path, delivery: Delivery) -> None:
    """Make a delivery known: manifest, sync, one rename."""
    with (incoming / MANIFEST).open("w", encoding="utf-8") as out:
        json.dump(asdict(delivery), out, indent=1, sort_keys=True, ensure_ascii=False)
        out.flush()
        os.fsync(out.fileno())
    sync(incoming)
    crash_point("deliver:synced")
    target = workspace / "deliveries" / delivery.source / delivery.delivery_id
    target.parent.mkdir(parents=True, exist_ok=True)
    incoming.rename(target)
    sync(target.parent)
    crash_point("deliver:renamed")


def sync(folder: Path) -> None:
    """Flush a folder's names to disk; DuckDB and rename alone do not."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def inputs(deliveries: list[Delivery], as_known_on: date | None = None) -> Mapping[tuple[str, str], list[Delivery]]:
    """The deliveries that count, by (home, source): exports all of them, files that people edit their newest copy."""
    found: dict[tuple[str, str], list[Delivery]] = {}
    for delivery in deliveries:
        if delivery.duplicate_of or (as_known_on and delivery.received_on > as_known_on):
            continue
        entry = found.setdefault((delivery.home, delivery.source), [])
        if delivery.home != EXPORTS:
            entry[:] = [d for d in entry if d.file != delivery.file]
        if not delivery.is_absent:
            entry.append(delivery)
    return found
