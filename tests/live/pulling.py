"""Pulling through the engine as a refresh does, and all that a workspace needs for it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.api.connector import Connector
from connectors.api.engine import connect, read
from connectors.api.reports import Asked, Report
from connectors.api.tokens import TokenStore
from pipelines.fetch import fetch
from pipelines.workspace import Workspace, init_workspace


class Puller:
    """One connector before one server: what it read, under the keys of the records, and where each stream stands."""

    def __init__(self, connector: Connector, options: Mapping[str, str], folder: Path) -> None:
        self.connector, self.options, self.folder = connector, options, folder
        self.states: dict[str, Mapping[str, Any]] = {}
        self.reports: list[Report] = []
        self.files: dict[str, list[Path]] = {}

    def pull(self, name: str, asked: Asked = Asked()) -> list[Any]:  # noqa: B008 - frozen
        """The records of one read, as they were kept."""
        stream, records = self.connector.stream(name), []
        source = connect(self.connector, self.options, TokenStore(self.folder / "tokens.json"))
        source.check()
        for unit in read(source, stream, self.states.get(name, {}), self.folder / "incoming", lambda s: self.files.get(s, []), asked):
            if unit.path:
                kept = unit.path.rename(self.folder / f"{name}-{len(self.reports)}.ndjson")
                self.files.setdefault(name, []).append(kept)
                records += [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
            self.states[name] = unit.state
            self.reports.append(unit.report)
        return records


def asking_workspace(folder: Path, source: str, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> Workspace:
    """A workspace with one connected source."""
    init_workspace(folder, name="Live", currency="EUR")
    with (folder / "plumbline.yml").open("a", encoding="utf-8") as file:
        file.write(f"sources: {json.dumps({source: settings})}\n")
    secret = folder / ".env"
    secret.write_text("".join(f"{name}={value}\n" for name, value in secrets.items()), encoding="utf-8")
    secret.chmod(0o600)
    return Workspace(folder)


def fetched(space: Workspace) -> list[str]:
    """What a refresh would say of what it could not read."""
    return fetch(Workspace(space.folder), "2026-03", None)
