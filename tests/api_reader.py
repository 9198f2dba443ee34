"""A connector reading from the fake server, with what it read kept as the pipeline keeps it: rows and state together, unit by unit."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fake_server import FakeServer, Turned, serving

from connectors.api.auth import Either
from connectors.api.connector import Connector, Stream
from connectors.api.engine import Source, connect, read
from connectors.api.nouns import fill, pluck
from connectors.api.registry import shipped
from connectors.api.reports import Asked, Report, State
from connectors.api.spool import GONE, key_of
from connectors.api.tokens import TokenStore
from connectors.profile import Mode, Profile
from connectors.profile import shipped as profiles


@cache
def private_key() -> str:
    """A key made for this run: one in a file of the tests would look like somebody's secret."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


class Killed(BaseException):
    """The process dies."""


class Reader:
    """One connector before one server."""

    def __init__(self, name: str, server: FakeServer, folder: Path) -> None:
        self.server, self.folder = server, folder
        made = {"{BASE}": lambda: server.address, "{KEY}": private_key}
        self.options: dict[str, str] = dict(server.manner["options"])
        for option, text in self.options.items():
            for mark, value in made.items():
                if mark in text:
                    self.options[option] = text = text.replace(mark, value())
        plain: Connector = shipped()[name]
        self.connector = replace(plain, base=here(server.address, fill(plain.base, self.options)), auth=signed_here(plain.auth, server.address, self.options))
        self.states: dict[str, State] = {}
        self.files: dict[str, list[Path]] = {}
        self.reports: list[Report] = []
        self.zone = "UTC"

    def source(self, options: dict[str, str] | None = None) -> Source:
        """A new connection, checked."""
        source = connect(self.connector, options or self.options, TokenStore(self.folder / "tokens.json"), self.server.time.clock)
        source.client.session.trust_env = False  # looking for a proxy in the environment takes a tenth of a request's time
        source.check()
        return source

    def read(self, name: str, asked: Asked = Asked(), die_after: int | None = None, source: Source | None = None) -> None:  # noqa: B008 - frozen
        """Read a stream, and before it the one whose records it hangs on."""
        stream = self.connector.stream(name)
        source = source or self.source()
        if stream.parent and not self.files.get(stream.parent):
            self.read(stream.parent)
            self.server.count = 0
        if die_after:
            whole = source.page
            pages = iter(range(die_after))

            def page(*given: Any) -> Any:
                if next(pages, None) is None:
                    raise Killed
                return whole(*given)

            source.page = page  # type: ignore[method-assign]
        for unit in read(source, stream, self.states.get(name, {}), self.folder / "incoming", lambda s: self.kept(self.connector.stream(s)), asked):
            if unit.path:
                kept = self.folder / f"{name}-{len(self.files.get(name, []))}.ndjson"
                unit.path.rename(kept)
                self.files.setdefault(name, []).append(kept)
            self.states[name] = json.loads(json.dumps(dict(unit.state)))
            self.reports.append(unit.report)

    def kept(self, stream: Stream) -> list[Path]:
        files = self.files.get(stream.name, [])
        return files[-1:] if stream.is_complete else files

    def living(self, name: str) -> dict[str, Any]:
        """Key -> record as the profile's mode combines the kept files, without what is marked or says itself that it is gone."""
        stream = self.connector.stream(name)
        profile = profiles()[stream.profile]
        found: dict[str, Any] = {}
        files = self.files.get(name, [])
        for path in files[-1:] if profile.mode in (Mode.SNAPSHOT, None) else files:
            own: dict[str, Any] = {}
            for line in path.read_text(encoding="utf-8").splitlines():
                record = json.loads(line)
                key = key_of(record, stream.key)
                assert key not in own, f"{key} stands twice in one file"
                own[key] = record
            if profile.mode is Mode.PERIOD:
                covered = {month_of(record, profile) for record in own.values()}
                found = {key: record for key, record in found.items() if month_of(record, profile) not in covered}
            found |= own
        gone = self.server.manner["streams"][name].get("gone")
        return {key: record for key, record in found.items() if not record.get(GONE) and not (gone and gone.items() <= record.items())}

    def revisions(self, name: str) -> dict[str, str]:
        """Key -> a text that changes with the record."""
        return {key: marks(record) for key, record in self.living(name).items()}

    def truth(self, name: str) -> dict[str, str]:
        return {key: marks(record) for key, record in self.server.visible(name).items()}


def month_of(record: Any, profile: Profile) -> str:
    """The month of a record, as the profile's period has it."""
    (place,) = profile.columns[profile.period or ""].from_ or ("",)
    return str(pluck(record, place))[:7]


def here(address: str, url: str) -> str:
    """The same path at the fake server."""
    parts = urlsplit(url)
    return address + parts.path + (f"?{parts.query}" if parts.query else "")


def signed_here(auth: Any, address: str, options: Mapping[str, str]) -> Any:
    """A way to sign whose token endpoint is the fake server."""
    if isinstance(auth, Either):
        return Either(tuple(signed_here(way, address, options) for way in auth.ways))
    return replace(auth, url=here(address, fill(auth.url, options))) if hasattr(auth, "url") else auth


def marks(record: Any) -> str:
    """The `r1`, `r2`, ... in a record, or its count of replies: the fixtures put one of them there."""
    return next(iter(re.findall(r"\br\d+\b|\"replies\": \d+", json.dumps({n: v for n, v in record.items() if not n.startswith("_")}))), "")


@contextmanager
def reader(name: str, folder: Path) -> Iterator[Reader]:
    with serving(FakeServer(name, Turned())) as server:
        yield Reader(name, server, folder)
