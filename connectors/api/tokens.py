"""Refresh tokens that change with each use: losing one means that a person must consent anew.

The new token is written, synced and renamed into place before the access token that came with it is used, under a lock
that a second process waits for; it then finds the new token instead of using up the old one.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.api.errors import BadOptions
from connectors.api.nouns import Json


class TokenStore:
    """The tokens of one connection, in a file that only its owner may read; beside it lies the file that is locked."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store; waits for whoever holds it."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def read(self) -> dict[str, Json]:
        """What is kept; empty where nothing is. Raises BadOptions where others may read the file, or it is no JSON."""
        if not self.path.is_file():
            return {}
        if self.path.stat().st_mode & 0o077:
            raise BadOptions(f"{self.path}: others may read this file of tokens. Run: chmod 600 {self.path}")
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except ValueError:
            raise BadOptions(f"{self.path}: the kept tokens can't be read. Remove the file and run `plumbline connect auth` again.") from None
        return found if isinstance(found, dict) else {}

    def write(self, tokens: dict[str, Json]) -> None:
        """Keep these, whole or not at all."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = self.path.with_suffix(".new")
        aside.unlink(missing_ok=True)
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(handle, "w", encoding="utf-8") as file:
            json.dump(tokens, file)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
