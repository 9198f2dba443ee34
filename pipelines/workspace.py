"""A workspace: the folder of one company, with what people edit, what was delivered and what was published."""

import csv
import io
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from connectors.profile import Profile, load, shipped, template
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

    def source_settings(self, source: str) -> SourceSettings | None:
        """What the settings say of a source, named as in a delivery; None where they say nothing."""
        return {slug(name): given for name, given in self.settings.sources.items()}.get(source)

    @cached_property
    def profiles(self) -> dict[str, Profile]:
        """Every profile by name: the shipped ones, Plumbline's own templates, and the workspace's own, which may not replace one."""
        found = dict(shipped()) | {p.profile: p for p in map(template, tables().values())}
        for path in sorted((self.folder / "profiles").glob("*.yml")):
            for own in load(path):
                if own.profile in found:
                    raise ConfigError(f"{path}: the profile {own.profile} is there already; give this one another name.")
                found[own.profile] = own
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

IGNORED = "/runs/\n/current\n/reports/\n/deliveries/\n/closes/\n/.dagster/\n/.plumbline.lock\n.env\n"


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
