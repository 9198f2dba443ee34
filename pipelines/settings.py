"""plumbline.yml: what a company sets once."""

import difflib
import os
import re
import shlex
import stat
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import iso4217
import yaml
from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

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
    "overlap_capability_share": Decimal("0.5"),
    "overlap_containment_share": Decimal("0.8"),
    "overlap_user_share": Decimal("0.5"),
    "incidents_per_100_users": Decimal(30),
    "vendor_money_share": Decimal("0.25"),
    "mapping_accept_confidence": Decimal("0.95"),
}
"""Thresholds and their defaults. `quarantine_share`: share of records or money of a source that may be quarantined
before nothing is published. The others are what findings are measured against: `overlap_capability_share` is the weighted
Jaccard from which two tools do the same, `overlap_containment_share` the part of a tool's work that another does too for it
to be contained in it, `overlap_user_share` the part of the smaller tool's people who use both, `incidents_per_100_users`
those of a month from which tickets hurt, `vendor_money_share` the part of all money from which a vendor is a concentration.
`mapping_accept_confidence`: how sure a suggestion of `plumbline review` must be to be taken without asking, where that is wanted."""


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


CRON_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
CRON_NAMES = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat"


def known_cron(text: str) -> str:
    """A cron line of five fields, or a word such as @monthly. It is held to the grammar here since importing Dagster, which runs it, takes two seconds."""
    if re.fullmatch(r"@(?:hourly|daily|weekly|monthly|yearly|annually)", text):
        return text
    given = text.lower().split()
    for (name, least, most), field in zip(CRON_FIELDS, given, strict=False):
        for piece in field.split(","):
            numbers = re.fullmatch(rf"(?:\*|(\d+|{CRON_NAMES})(?:-(\d+|{CRON_NAMES}))?)(?:/([1-9]\d*))?|l", piece)
            if not numbers or any(n and n.isdecimal() and not least <= int(n) <= most for n in numbers.groups()[:2]):
                raise ValueError(f"{piece!r} is no {name} of a cron line ({least} to {most}, *, lists, ranges and steps)")
    if len(given) != len(CRON_FIELDS):
        raise ValueError(f"{text!r} is no cron line. Write {', '.join(name for name, *_ in CRON_FIELDS)}, as in \"0 6 3 * *\"")
    return text


def inside(path: str) -> str:
    """A path that can't leave the workspace."""
    if PurePath(path).is_absolute() or ".." in PurePath(path).parts:
        raise ValueError(f"{path!r} is not a path inside the workspace, such as strategy/logo.png")
    return path


Zone = Annotated[str, AfterValidator(known_zone)]
Cron = Annotated[str, AfterValidator(known_cron)]
CurrencyCode = Annotated[str, AfterValidator(known_currency)]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClientSettings(Part):
    """Whose records of a system that serves many clients may come into this workspace."""

    ours: Annotated[tuple[str, ...], BeforeValidator(lambda v: tuple(str(key).strip() for key in v) if isinstance(v, list) else v), Field(min_length=1)]
    """Keys of the clients that this workspace is of, as the system writes them."""
    field: str = ""
    """Where records tell their client's key, as a dotted name; needed where the connector does not know it."""


class SourceSettings(Part):
    """One source, named by its folder under exports/ or by `files`."""

    files: str | None = None
    profile: str | None = None
    mode: Mode | None = None
    cadence: Literal["monthly", "quarterly", "yearly", "once", "none"] = "none"
    lateness_days: int = Field(15, ge=0)
    """Days after the end of a period by which its data should be there."""
    connector: str | None = None
    """The system that a refresh asks for this source; see `plumbline connect list`."""
    options: Mapping[str, str] = Field({}, repr=False)
    """What the connector needs to connect. Variables stay as they are written until it does: a rebuild needs no secret."""
    streams: tuple[str, ...] = ()
    """Streams to read; all where none is named."""
    since: date | None = None
    """The first day of interest, where a stream was never read before."""
    clients: ClientSettings | None = None
    """Keep these clients' records only, where the system holds those of many."""

    @model_validator(mode="after")
    def only_asked(self) -> "SourceSettings":
        if self.clients and not self.connector:
            raise ValueError("`clients` is for a source with a connector: a file in exports/ holds the others' records already. Split it before you put it there")
        return self


class Schedule(Part):
    cron: Cron = "0 6 3 * *"
    timezone: Zone = "UTC"


class Hook(Part):
    """What is told of a refresh: the JSON summary is posted to `webhook`, and given to `command` on standard input."""

    webhook: str | None = None
    command: Annotated[tuple[str, ...], BeforeValidator(lambda v: tuple(shlex.split(v)) if isinstance(v, str) else v)] | None = None


class Settings(Part):
    """The whole of plumbline.yml."""

    name: str
    currency: CurrencyCode
    fiscal_year_start: int = Field(1, ge=1, le=12)
    timezone: Zone = "UTC"
    logo: Annotated[str, AfterValidator(inside)] | None = None
    """A PNG of the workspace, by its path there: it stands on the slides of `plumbline report --deck`."""
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
        for name, value in given.items():
            if value < 0 or (value > 1 and name.endswith(("_share", "_share_low", "_confidence"))):
                raise ValueError(f"{name} is {value}; give {'a share from 0 to 1' if '_share' in name or '_confidence' in name else 'a number of days' if name.endswith('_days') else 'a number of 0 or more'}")
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
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: byte {error.start + 1} is not UTF-8. Save the file as UTF-8.") from None
    return parse_settings(text, str(file), environment(workspace))


def parse_settings(text: str, where: str, variables: Mapping[str, str]) -> Settings:
    """The settings in a YAML text; `where` is named in errors."""
    try:
        content: Any = yaml.load(text, Loader=OnceLoader)
        resolved = expand(content, variables, where)
        if isinstance(resolved, dict):
            resolved = {key: value for key, value in resolved.items() if value is not None}
        return Settings.model_validate(resolved or {})
    except yaml.YAMLError as error:
        raise ConfigError(f"{where}: this is not YAML: {error}") from None
    except ValidationError as error:
        raise ConfigError(f"{where}: {'; '.join(told(e['type'], e['loc'], e['msg']) for e in error.errors())}") from None


class OnceLoader(yaml.SafeLoader):
    """Refuses a key that stands twice: YAML takes the last and drops the first without a word, such as a second `sources:`."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key.value!r} stands there twice; join the two", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def told(kind: str, place: tuple[int | str, ...], message: str) -> str:
    """A fault that pydantic found, in words: where, what, and the keys there are for one that is unknown."""
    where = ".".join(map(str, place)) or "file"
    if kind != "extra_forbidden":
        return f"{where}: {message.removeprefix('Value error, ')}"
    model = {"sources": SourceSettings, "schedule": Schedule, "on_success": Hook, "on_failure": Hook}.get(str(place[0]), Settings) if place[1:] else Settings
    model = ClientSettings if place[2:3] == ("clients",) and place[3:] else model
    near = difflib.get_close_matches(str(place[-1]), model.model_fields, n=1)
    return f"{where}: there is no such key.{f' Did you mean {near[0]}?' if near else ''} There are {', '.join(model.model_fields)}"


def later(key: str, name: str) -> bool:
    """Whether variables are left for the connection to resolve: the options of a source."""
    return name == "options" and key.startswith("sources.") and key.count(".") == 1


def expand(content: Any, variables: Mapping[str, str], where: str, key: str = "") -> Any:
    """A YAML tree with the variables in its texts replaced."""
    if isinstance(content, str):
        return resolve(content, variables, f"{where}: {key}")
    if isinstance(content, dict):
        return {k: v if later(key, k) else expand(v, variables, where, f"{key}.{k}".strip(".")) for k, v in content.items()}
    if isinstance(content, list):
        return [expand(v, variables, where, key) for v in content]
    return content
