"""What the shipped SQL files were found to say, kept where Python keeps compiled code.

Parsing them and following their columns takes over a second, a fifth of what an empty refresh takes; the files change
with the program. What was found stands under a hash of all it follows from: the texts, the code of this folder and
the version of sqlglot. Whatever does not answer to that hash, or can't be read or written, is as good as not there.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

Source = tuple[str, str]


@dataclass(frozen=True)
class Lineage:
    """`sources` are the (table, column) pairs a column is computed from; `passed_on` the one that it is, unchanged and
    under the same name (in a union: in its first branch); `comment` what was written beside it where it was born."""

    sources: frozenset[Source] = frozenset()
    passed_on: Source | None = None
    comment: str = ""


@dataclass(frozen=True)
class Kept:
    """What one file was found to say: its columns with their comments, the tables it reads, and the lineage of its
    columns, which holds while the columns of those tables answer to `follows_from`."""

    columns: Mapping[str, str]
    reads: frozenset[str]
    follows_from: str
    lineage: Mapping[str, Lineage]


def state_of(schema: Mapping[str, Iterable[str]]) -> str:
    """A hash of the columns of some tables."""
    return hashlib.sha256(repr(sorted((table, list(columns)) for table, columns in schema.items())).encode()).hexdigest()


def load(home: Path) -> dict[Path, Kept]:
    """What was kept of the files of `home`; nothing where one of them, or what reads them, changed."""
    try:
        told = json.loads(place(home).read_bytes())
        return {home / name: read(found) for name, found in told["files"].items()} if told["of"] == basis(home) else {}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def read(found: Mapping[str, Any]) -> Kept:
    """One file as it stands in JSON."""
    lineage = {
        name: Lineage(frozenset((table, column) for table, column in sources), tuple(passed_on) if passed_on else None, comment)
        for name, (sources, passed_on, comment) in found["lineage"].items()
    }
    return Kept(found["columns"], frozenset(found["reads"]), found["follows_from"], lineage)


def keep(home: Path, found: Mapping[Path, Kept]) -> None:
    """Keep what was found in the files of `home`, whole or not at all."""
    files = {
        path.relative_to(home).as_posix(): asdict(kept) | {
            "reads": sorted(kept.reads), "lineage": {name: (sorted(one.sources), one.passed_on, one.comment) for name, one in kept.lineage.items()},
        }
        for path, kept in found.items()
    }  # fmt: skip
    try:
        place(home).parent.mkdir(exist_ok=True)
        aside = place(home).with_suffix(f".{os.getpid()}")
        aside.write_text(json.dumps({"of": basis(home), "files": files}), encoding="utf-8")
        aside.replace(place(home))
    except OSError:  # A folder that belongs to someone else: the files are read anew each time.
        return


def place(home: Path) -> Path:
    return home / "__pycache__" / "sql.json"


def basis(home: Path) -> str:
    """The hash of all that the kept follows from."""
    digest = hashlib.sha256(version("sqlglot").encode())
    for path in sorted([*home.glob("*.py"), *home.glob("*/*.sql")]):
        digest.update(path.relative_to(home).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
