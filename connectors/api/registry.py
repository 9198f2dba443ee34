"""Connectors are found, not listed: each module of `connectors/systems/`, and each file of a workspace's `extensions/connectors/`."""

import importlib.util
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from connectors import systems
from connectors.api.connector import Connector
from connectors.api.errors import BadOptions


@cache
def shipped() -> Mapping[str, Connector]:
    """The connectors that come with Plumbline, by name."""
    found: dict[str, Connector] = {}
    for module in sorted(iter_modules(systems.__path__), key=lambda m: m.name):
        found |= {member.name: member for member in vars(import_module(f"{systems.__name__}.{module.name}")).values() if isinstance(member, Connector)}
    return found


def connectors(workspace: Path | None = None) -> Mapping[str, Connector]:
    """All connectors, with those of a workspace's own modules, which can't replace a shipped one. Raises BadOptions."""
    found = dict(shipped())
    for path in sorted((workspace / "extensions" / "connectors").glob("*.py")) if workspace else ():
        spec = importlib.util.spec_from_file_location(f"plumbline_extension_{path.stem}", path)
        if spec is None or spec.loader is None:
            continue
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for member in vars(module).values():
            if isinstance(member, Connector) and member is not shipped().get(member.name):
                if member.name in found:
                    raise BadOptions(f"{path}: there is a connector {member.name} already; give this one another name")
                found[member.name] = member
    return found
