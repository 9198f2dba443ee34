"""A workspace: the folder of one company, with what people edit, what was delivered and what was published."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from connectors.profile import Profile, ProfileError, load, shipped, template
from models import Home, Table, tables
from pipelines.errors import ConfigError, UsageError
from pipelines.settings import FILE, Settings, SourceSettings, load_settings

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
EXPORTS = "exports"
FOLDERS = (Home.STRATEGY, Home.DECISIONS, EXPORTS, "profiles")


@dataclass(frozen=True)
class Workspace:
    """The folder and what its settings say."""

    folder: Path

    @cached_property
    def settings(self) -> Settings:
        return load_settings(self.folder)

    def require(self) -> None:
        """Raise ConfigError where the folder is no workspace, or its settings can't be read."""
        load_settings(self.folder)

    def source_settings(self, source: str) -> SourceSettings | None:
        """What the settings say of a source, named as in a delivery; None where they say nothing."""
        return {slug(name): given for name, given in self.settings.sources.items()}.get(source)

    @cached_property
    def own_profiles(self) -> Mapping[Path, list[Profile]]:
        """The files under profiles/ with what they hold. Raises ConfigError."""
        if other := next((self.folder / "profiles").glob("*.yaml"), None):
            raise ConfigError(f"{other}: a profile's file ends in .yml. Rename it.")
        return read_profiles(sorted((self.folder / "profiles").glob("*.yml")))

    @cached_property
    def profiles(self) -> dict[str, Profile]:
        """Every profile by name: the shipped ones, Plumbline's own templates, and the workspace's own."""
        return given_profiles() | {own.profile: own for profiles in self.own_profiles.values() for own in profiles}

    @cached_property
    def extensions(self) -> Path | None:
        """The folder that holds the workspace's own SQL under extensions/; None where there is none."""
        return self.folder if (self.folder / "extensions").is_dir() else None


def given_profiles() -> dict[str, Profile]:
    """The shipped profiles and Plumbline's own templates, by name."""
    return dict(shipped()) | {p.profile: p for p in map(template, tables().values())}


def read_profiles(paths: Iterable[Path]) -> Mapping[Path, list[Profile]]:
    """What a workspace's profile files hold. Raises ConfigError that names file and field, or a name that is taken."""
    try:
        found = {path: load(path) for path in paths}
    except ProfileError as error:
        raise ConfigError(str(error)) from None
    taken = set(given_profiles()) if found else set()
    for path, profiles in found.items():
        for own in profiles:
            if own.profile in taken:
                raise ConfigError(f"{path}: the profile {own.profile} is there already; give this one another name.")
            taken.add(own.profile)
    return found


def slug(text: str) -> str:
    """A name fit for a folder and a table: lower case, words joined by `_`."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "source"


def month_of(text: str) -> str:
    """The month as YYYY-MM. Raises UsageError for anything else."""
    if not MONTH.fullmatch(text):
        raise UsageError(f"{text!r} is not a month. Write it as YYYY-MM, such as 2026-10.")
    return text


def csv_template(table: Table) -> str:
    """The header line of a table's CSV file."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(table.names)
    return line.getvalue()


SETTINGS_TEMPLATE = """\
# What Plumbline needs to know of the company. Every key is described in the README under «Settings».
name: {name}
currency: {currency}
fiscal_year_start: 1
timezone: UTC
schedule:
  cron: "0 6 3 * *"
  timezone: UTC
# A source is a folder under exports/. Give its cadence, and a month without it is shown as incomplete:
# sources:
#   bills: {{cadence: monthly, lateness_days: 10}}
"""

IGNORED = "/runs/\n/current\n/reports/\n/deliveries/\n/closes/\n/.dagster/\n/.connections/\n/.plumbline.lock\n.env\n"


def init_workspace(folder: Path, name: str | None = None, currency: str = "EUR") -> list[Path]:
    """Write settings and empty templates into a folder, leaving alone what is there; the files written."""
    files = {FILE: SETTINGS_TEMPLATE.format(name=yaml_text(name or folder.resolve().name), currency=currency), ".gitignore": IGNORED}
    for table in tables().values():
        if table.home is not Home.EXPORTS:
            files[f"{table.home}/{table.file_name}"] = csv_template(table)
    written = []
    for part in FOLDERS:
        (folder / part).mkdir(parents=True, exist_ok=True)
    for relative, text in files.items():
        path = folder / relative
        if not path.exists():
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written


def yaml_text(text: str) -> str:
    """A YAML scalar for any text."""
    return yaml.safe_dump(text, allow_unicode=True, width=10_000).removesuffix("\n").removesuffix("\n...")
