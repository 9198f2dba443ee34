"""plumbline.yml: what a company sets once."""

import os
import re
import stat
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import iso4217
import yaml
from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from connectors.profile import Mode
from pipelines.errors import ConfigError

FILE = "plumbline.yml"
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")

THRESHOLDS: Mapping[str, Decimal] = {
    "quarantine_share": Decimal("0.01"),
    "low_adoption_share": Decimal("0.5"),
    "priority_money_share_low": Decimal("0.05"),
    "renewal_window_days": Decimal(120),
    "stale_mapping_days": Decimal(365),
    "active_days": Decimal(90),
}
"""Thresholds and their defaults. `quarantine_share`: share of records or money of a source that may be quarantined
before nothing is published. The others are what findings are measured against."""


def known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not an IANA time zone such as Europe/Berlin") from None
    return name


def known_currency(code: str) -> str:
    try:
        return iso4217.Currency(code.upper()).code
    except ValueError:
        raise ValueError(f"{code!r} is not an ISO 4217 currency code such as EUR") from None


Zone = Annotated[str, AfterValidator(known_zone)]
CurrencyCode = Annotated[str, AfterValidator(known_currency)]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceSettings(Part):
    """One source, named by its folder under exports/ or by `files`."""

    files: str | None = None
    profile: str | None = None
    mode: Mode | None = None
    cadence: Literal["monthly", "quarterly", "yearly", "once", "none"] = "none"
    lateness_days: int = Field(15, ge=0)
    """Days after the end of a period by which its data should be there."""


class Schedule(Part):
    cron: str = "0 6 3 * *"
    timezone: Zone = "UTC"


class Hook(Part):
    """What is told of a refresh: the JSON summary is posted to `webhook`, and given to `command` on standard input."""

    webhook: str | None = None
    command: tuple[str, ...] | None = None


class Settings(Part):
    """The whole of plumbline.yml."""

    name: str
    currency: CurrencyCode
    fiscal_year_start: int = Field(1, ge=1, le=12)
    timezone: Zone = "UTC"
    first_month: str = Field("2020-01", pattern=r"^\d{4}-(0[1-9]|1[0-2])$")
    schedule: Schedule = Schedule()
    thresholds: Mapping[str, Decimal] = {}
    sources: Mapping[str, SourceSettings] = {}
    on_success: Hook = Hook()
    on_failure: Hook = Hook()
    fx_download: bool = False
    """Fetch the European Central Bank's published rates at a refresh; the answer is kept as a delivery."""

    @field_validator("thresholds")
    @classmethod
    def known_thresholds(cls, given: Mapping[str, Decimal]) -> Mapping[str, Decimal]:
        if unknown := sorted(given.keys() - THRESHOLDS.keys()):
            raise ValueError(f"there is no {', '.join(unknown)}; there are {', '.join(THRESHOLDS)}")
        return given

    def threshold(self, name: str) -> Decimal:
        return self.thresholds.get(name, THRESHOLDS[name])


def environment(workspace: Path) -> Mapping[str, str]:
    """The process's variables over those of the workspace's .env, which only its owner may read."""
    file = workspace / ".env"
    if not file.is_file():
        return os.environ
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise ConfigError(f"{file}: others may read this file of secrets. Run: chmod 600 {file}")
    return {name: value or "" for name, value in dotenv_values(file).items()} | dict(os.environ)


class Forgiving(dict[str, str]):
    """Variables for kept settings: one that is not set stays as it is written, since a rebuild needs no secret."""

    def __missing__(self, name: str) -> str:
        return f"${{{name}}}"


def resolve(text: str, variables: Mapping[str, str], where: str) -> str:
    """The text with each ${NAME} and ${NAME:-default} replaced; an unset one is an error that names it."""

    def value(found: re.Match[str]) -> str:
        name, default = found[1], found[2]
        if name not in variables and default is not None:
            return default
        try:
            return variables[name]
        except KeyError:
            raise ConfigError(f"{where}: the variable {name} is not set. Set it in the environment or in .env (mode 600).") from None

    return VARIABLE.sub(value, text)


def load_settings(workspace: Path) -> Settings:
    """Read plumbline.yml. Raises ConfigError that names the file and each wrong field."""
    file = workspace / FILE
    if not file.is_file():
        raise ConfigError(f"{file} is not there. Run `plumbline init {workspace}` first, or name a workspace with -C.")
    return parse_settings(file.read_text(encoding="utf-8"), str(file), environment(workspace))


def parse_settings(text: str, where: str, variables: Mapping[str, str]) -> Settings:
    """The settings in a YAML text; `where` is named in errors."""
    try:
        content: Any = yaml.safe_load(text)
        resolved = expand(content, variables, where)
        return Settings.model_validate(resolved)
    except yaml.YAMLError as error:
        raise ConfigError(f"{where}: this is not YAML: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors()
        )
        raise ConfigError(f"{where}: {wrong}") from None


def expand(content: Any, variables: Mapping[str, str], where: str, key: str = "") -> Any:
    """A YAML tree with the variables in its texts replaced."""
    if isinstance(content, str):
        return resolve(content, variables, f"{where}: {key}")
    if isinstance(content, dict):
        return {k: expand(v, variables, where, f"{key}.{k}".strip(".")) for k, v in content.items()}
    if isinstance(content, list):
        return [expand(v, variables, where, key) for v in content]
    return content
