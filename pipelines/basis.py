"""What a refresh is a function of: the month, the deliveries that count, earlier months it is compared with, and the program."""

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from pipelines import close, earlier
from pipelines.deliveries import EXTENSIONS, PROFILES, SETTINGS, Delivery, inputs, kept
from pipelines.settings import Forgiving, environment, parse_settings
from pipelines.workspace import Workspace, read_profiles


@dataclass(frozen=True)
class Basis:
    """What a refresh is a function of."""

    month: str
    program: str
    deliveries: Sequence[Delivery]
    as_known_on: date | None
    compared_with: Mapping[str, int]
    before: earlier.Earlier | None = None
    closed: Mapping[str, Any] | None = None
    run_id: str = field(default="", compare=False)


def basis_of(folder: Path, month: str, as_known_on: date | None) -> Basis:
    """The inputs of a refresh, with the hash that names them. What was known on a day is asked of all that was kept, closed or not."""
    closed = None if as_known_on else close.closed(folder, month)
    deliveries = [d for d in kept(folder) if not (as_known_on and d.received_on > as_known_on)]
    if closed:
        wanted = set(closed["deliveries"])
        deliveries = [d for d in deliveries if d.delivery_id in wanted]
    compared_with = close.comparable(folder, month, closed)
    used = [d for group in inputs(deliveries).values() for d in group] + [d for d in deliveries if d.duplicate_of]
    version_now = program()
    content = [month, str(as_known_on), version_now, duckdb.__version__, *(f"{d.delivery_id} {d.source} {d.file} {d.sha256}" for d in used)]
    content += [f"closed {m} {version}" for m, version in compared_with.items()]
    before = earlier.earlier_month(folder, month, closed, as_known_on, deliveries)
    content += [before.inputs()] if before else []
    return Basis(month, version_now, deliveries, as_known_on, compared_with, before, closed, hashlib.sha256("\n".join(content).encode()).hexdigest())


def as_kept(workspace: Workspace, basis: Basis, building: Path) -> Workspace:
    """The workspace with settings, profiles and extensions as they were kept, so that a past month is rebuilt under its own.

    Kept extensions are laid out in the folder of the run; those of an open month are read where people edit them.
    """
    given, fixed = inputs(list(basis.deliveries)), Workspace(workspace.folder)
    if settings := given.get((SETTINGS, SETTINGS)):
        path = settings[-1].path(workspace.folder)
        vars(fixed)["settings"] = parse_settings(path.read_text(encoding="utf-8"), str(path), Forgiving(environment(workspace.folder)))
    vars(fixed)["own_profiles"] = read_profiles(d.path(workspace.folder) for d in given.get((SETTINGS, PROFILES), ()))
    if basis.closed or basis.as_known_on:
        extensions = given.get((SETTINGS, EXTENSIONS), ())
        for delivery in extensions:
            (building / delivery.file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(delivery.path(workspace.folder), building / delivery.file)
        vars(fixed)["extensions"] = building if extensions else None
    return fixed


@cache
def program() -> str:
    """Version of the program with a hash of its own files: a changed SQL file is another program."""
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parents[1]
    for package in ("models", "connectors", "dbt_like_sql", "pipelines"):
        for path in sorted((root / package).rglob("*")):
            if path.suffix in {".py", ".sql", ".yml", ".csv", ".j2", ".css", ".js"}:
                digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return f"{version('plumbline')}+{digest.hexdigest()[:12]}"
