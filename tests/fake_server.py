"""A server on this machine that behaves as a system does, from `tests/systems/NAME.yml`; faults and changes can be put between any two answers.

It knows nothing of the connectors: what it does is written from the systems' own documentation. Time is a clock that is
turned by hand, the server's and the engine's alike, so that no test waits.
"""

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

import yaml
from signing import is_signed

from connectors.api.waiting import Clock

SYSTEMS = Path(__file__).parent / "systems"
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
CHILDREN = 3
"""Records of each list that belongs to another record."""


@cache
def manner_of(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((SYSTEMS / f"{name}.yml").read_text(encoding="utf-8")))


class Turned:
    """A clock that stands still until somebody sleeps or turns it."""

    def __init__(self) -> None:
        self.at = NOON
        self.slept: list[float] = []

    def turn(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.turn(seconds)

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.at, lambda: self.at.timestamp(), self.sleep)


@dataclass
class Row:
    """One record of the server: its number, when it last changed, how often, and whether it is gone."""

    n: int
    at: datetime
    rev: int = 1
    is_gone: bool = False


@dataclass
class Answer:
    """What goes over the wire. `cut` letters are sent of the body; `drip` turns the clock with each letter."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    drip: float = 0.0
    is_dropped: bool = False


Fault = Callable[["FakeServer", Answer], Answer]


class FakeServer:
    """The records of a system's streams, and how it gives them. 

    `faults`, `changes` and `squeezed` (how many rows a page may have) are by the ordinal of the request for records, from 1.
    Rows of `hidden` are passed over after the limit is applied, as access rules do.
    """

    def __init__(self, name: str, time: Turned) -> None:
        self.manner: dict[str, Any] = deepcopy(manner_of(name))
        self.time = time
        self.rows: dict[str, list[Row]] = {stream: [] for stream in self.manner["streams"]}
        self.faults: dict[int, Fault] = {}
        self.always: Fault | None = None
        self.changes: dict[int, Callable[[FakeServer], None]] = {}
        self.count = 0
        self.seen: list[tuple[str, dict[str, str], Mapping[str, str]]] = []
        self.hidden: set[int] = set()
        self.squeezed: dict[int, int] = {}
        self.last: Answer | None = None
        self.first: Answer | None = None
        self.address = ""
        self.body = b""
        self.line = ("GET", "/")
        self.refused = 0
        self.refresh: str = self.manner["options"].get("refresh_token", "")
        self.grants = 0

    def put(self, stream: str, count: int, start: datetime = NOON - timedelta(days=3), apart: timedelta = timedelta(minutes=7)) -> None:
        """Give a stream so many records, numbered on, each changed later than the one before."""
        rows = self.rows[stream]
        rows += [Row(len(rows) + 1 + i, start + i * apart) for i in range(count)]

    def touch(self, stream: str, n: int) -> None:
        """Change a record, now."""
        row = self.rows[stream][n - 1]
        row.at, row.rev = self.time.at, row.rev + 1

    def visible(self, stream: str) -> dict[str, Any]:
        """Key -> record, of all that a user of this account could see."""
        manner = self.manner["streams"][stream]
        if "parent" in manner:
            above = self.manner["streams"][manner["parent"]]
            parents = [self.value(above, row)[1] for row in self.rows[manner["parent"]] if not row.is_gone]
            return dict(self.child(manner, parent, n) for parent in parents for n in range(1, CHILDREN + 1))
        return dict(self.value(manner, row)[1:] for row in self.rows[stream] if not row.is_gone and row.n not in self.hidden)

    def value(self, manner: Mapping[str, Any], row: Row) -> tuple[Row, str, Any]:
        key = manner["key"][1].format(n=row.n, p="")
        form = manner["stamp"][1] if "stamp" in manner else ""
        stamp = str(int(row.at.timestamp() * 1000)) if form == "epoch_ms" else row.at.strftime(form)
        record = filled(manner["record"], {"key": key, "n": row.n, "rev": row.rev, "at": stamp, "epoch": int(row.at.timestamp())})
        return row, key, (record | manner.get("gone", {})) if row.is_gone else record

    def child(self, manner: Mapping[str, Any], parent: str, n: int) -> tuple[str, Any]:
        key = manner["key"][1].format(n=n, p=parent)
        return key, filled(manner["record"], {"key": int(key) if key.isdecimal() else key, "n": n, "rev": 1, "parent": int(parent)})

    def answer(self, path: str, query: dict[str, str], headers: Mapping[str, str]) -> Answer:
        """What the system says to a request."""
        manner = self.manner
        if "grants" in manner and path == manner["grants"]["path"]:
            return self.granted(manner["grants"], headers)
        path = path.removeprefix(manner["base"]).strip("/")
        self.seen.append((path, query, headers))
        if not self.accepts(headers):
            self.refused += 1
            if path == manner["check"]["path"] and "anonymous" in manner["check"]:
                return answered(200, manner["check"]["anonymous"])
            return answered(manner["refused"]["status"], manner["refused"]["body"])
        told = self.told({}, query, headers)
        if path == manner["check"]["path"] and all(re.search(pattern, told.get(name, "")) for name, pattern in manner["check"].get("when", {}).items()):
            return answered(200, manner["check"]["body"])
        if path in manner.get("also", {}):
            return answered(200, manner["also"][path])
        for stream, one in manner["streams"].items():
            found = re.fullmatch(re.sub(r"\\\{parent\\\}", r"(?P<parent>[^/]+)", re.escape(one["path"])), path)
            if found and all(re.search(pattern, told.get(name, "")) for name, pattern in one.get("when", {}).items()):
                if re.search(one.get("count", {}).get("pattern", "^$"), query.get(one.get("count", {}).get("param", ""), "-")):
                    return answered(200, nested(one["count"]["place"], len(self.asked(stream, one, self.told(one, query, headers)))))
                self.count += 1
                if change := self.changes.pop(self.count, None):
                    change(self)
                page = self.page(stream, one, self.told(one, query, headers), found.groupdict().get("parent"))
                fault = self.faults.pop(self.count, None) or self.always
                given = fault(self, page) if fault else page
                self.first, self.last = self.first or page, page
                return given
        return answered(404, {"error": "not found"})

    def accepts(self, headers: Mapping[str, str]) -> bool:
        """Whether a request carries the credentials of the account."""
        if any(headers.get(name) != value for name, value in self.manner["accepts"].items()):
            return False
        method, path = self.line
        return "signed" not in self.manner or is_signed(self.manner["signed"], method, self.address + path, headers, self.body)

    def granted(self, manner: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        """What the token endpoint says. With `rotates`, the refresh token that came is used up by that, and a new one is given."""
        form = dict(parse_qsl(self.body.decode(), keep_blank_values=True))
        asked = manner.get("form", {}) | ({"refresh_token": self.refresh} if manner.get("rotates") else {})
        if any(headers.get(name) != value for name, value in manner.get("accepts", {}).items()) or any(form.get(name) != value for name, value in asked.items()):
            return answered(400, {"error": "invalid_grant"})
        self.grants += 1
        if manner.get("rotates"):
            self.refresh = f"rotated-{self.grants}"
        return answered(200, manner["body"] | ({"refresh_token": self.refresh} if manner.get("rotates") else {}))

    def told(self, manner: Mapping[str, Any], query: Mapping[str, str], headers: Mapping[str, str]) -> dict[str, str]:
        """What a request says, wherever it says it: in parameters, in headers as `header:NAME`, in its body by dotted names, and `within` the text of a parameter."""
        told = {**{f"header:{name}": value for name, value in headers.items()}, **query}
        if self.body.startswith(b"{"):
            told |= flat(json.loads(self.body))
        for name, (param, pattern) in manner.get("within", {}).items():
            if found := re.search(pattern, query.get(param, "")):
                told[name] = found[1]
        return told

    def page(self, stream: str, manner: Mapping[str, Any], query: dict[str, str], parent: str | None) -> Answer:
        """One page of a stream."""
        size = min(int(query.get(manner["size"]["param"], manner["size"]["default"])), manner["size"]["cap"])
        size = self.squeezed.pop(self.count, size)
        if wrong := [name for name, value in manner.get("needs", {}).items() if query.get(name) != value]:
            return answered(200, nested(manner["list"] or "errors", [{"wrong": wrong}]))  # a server of this kind answers in another shape
        rows = self.asked(stream, manner, query) if parent is None else []
        if parent is not None:
            rows = [(Row(n, NOON), *self.child(manner, parent, n)) for n in range(1, CHILDREN + 1)]
        if manner.get("since", {}).get("required") and not self.since(manner.get("since"), query):
            return answered(400, {"errorMessages": ["Unbounded JQL queries are not allowed here."]})
        ordered = self.order(manner["order"], query)
        rows.sort(key={"id": lambda r: r[0].n, "updated": lambda r: (r[0].at, r[0].n), "newest": lambda r: -r[0].n}[ordered])
        if (after := manner.get("after")) and (found := re.search(after["pattern"], query.get(after["param"], ""))):
            rows = [row for row in rows if (len(row[1]), row[1]) > (len(found[1]), found[1])]
        total, headers = len(rows), dict[str, str]()
        body: Any = {}
        begin = self.begin(manner, query, rows, ordered)
        chosen = rows[begin : begin + size]
        more = begin + size < total
        shown = [record for row, _, record in chosen if row.n not in self.hidden]
        if not manner["list"]:
            body = shown
        elif shown or not manner.get("lacks_empty"):
            put(body, manner["list"], shown)
        else:
            put(body, manner["list"].rpartition(".")[0], {})
        if "pages" in manner:
            put(body, manner["pages"], -(-total // size))
        if manner.get("total", "").startswith("header:"):
            headers[manner["total"].removeprefix("header:")] = str(total)
        elif "total" in manner:
            put(body, manner["total"], total)
        if manner["paging"] == "link" and more:
            where = {manner["offset"]: begin + size} if "offset" in manner else {manner["after"]["param"]: chosen[-1][1]}
            onward = urlencode({**{name: value for name, value in query.items() if not name.startswith("header:")}, **where})
            headers["Link"] = f'<{self.address}{self.manner["base"]}/{manner["path"]}?{onward}>;rel="next"'
        if token := manner.get("token"):
            last = chosen[-1][0] if chosen else Row(0, datetime(1970, 1, 1, tzinfo=UTC))
            mark: Any = begin + size if token.get("is_offset") else [last.at.timestamp(), last.n] if chosen or token["param"] not in query else unmarked(query[token["param"]])
            if token.get("is_plain"):
                put(body, token["place"], mark + manner["begin"] if more else None)
            elif more or token.get("always"):
                onward = urlencode({**{name: value for name, value in query.items() if not name.startswith("header:")}, token["param"]: marked(mark)})
                put(body, token["place"], f"{self.address}{self.manner['base']}/{manner['path']}?{onward}" if token.get("is_url") else marked(mark))
            elif token.get("is_url"):
                put(body, token["place"], None)
            for flag, value in (("more", more), ("ends", not more)):
                if flag in token:
                    put(body, token[flag], value)
        return answered(200, body, headers)

    def asked(self, stream: str, manner: Mapping[str, Any], query: Mapping[str, str]) -> list[tuple[Row, str, Any]]:
        """The rows that changed since what the request says."""
        rows = [self.value(manner, row) for row in self.rows[stream] if not row.is_gone or "gone" in manner]
        since = self.since(manner.get("since"), query)
        return [row for row in rows if row[0].at >= since] if since else rows

    def since(self, manner: Mapping[str, Any] | None, query: Mapping[str, str]) -> datetime | None:
        found = re.search(manner["pattern"], query.get(manner["param"], "")) if manner else None
        if not manner or not found:
            return None
        if manner["form"] == "epoch":
            return datetime.fromtimestamp(int(found[1]), UTC)
        return datetime.strptime(found[1], manner["form"]).replace(tzinfo=ZoneInfo(manner.get("zone", "UTC"))).astimezone(UTC)

    def order(self, manner: Mapping[str, str], query: Mapping[str, str]) -> str:
        if "always" in manner:
            return manner["always"]
        return next((name for name in ("updated", "id") if name in manner and manner[name] in query.get(manner["param"], "")), "newest")

    def begin(self, manner: Mapping[str, Any], query: Mapping[str, str], rows: list[tuple[Row, str, Any]], ordered: str) -> int:
        """Where a page begins among the rows: by a token after the last row given, else by number."""
        if token := manner.get("token"):
            if token["param"] not in query:
                return 0
            if token.get("is_plain"):
                return int(query[token["param"]]) - int(manner["begin"])
            if token.get("is_offset"):
                return int(unmarked(query[token["param"]]))
            at, n = unmarked(query[token["param"]])
            return sum(1 for row, _, _ in rows if ((row.at.timestamp(), row.n) <= (at, n) if ordered == "updated" else row.n <= n))
        if number := manner.get("number"):
            return (int(query[number["param"]]) - 1) * min(int(query.get(manner["size"]["param"], manner["size"]["default"])), manner["size"]["cap"])
        begin = int(query.get(manner["offset"], "0")) - manner.get("begin", 0) if "offset" in manner else 0
        return min(begin, len(rows)) if manner.get("clamps") else begin


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """A record from its template: `$name` alone becomes the value, within a text its letters."""
    if isinstance(template, dict):
        return {name: filled(value, values) for name, value in template.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in template]
    if not isinstance(template, str):
        return template
    if template[1:] in values and template[0] == "$":
        return values[template[1:]]
    return re.sub(r"\$([a-z]+)", lambda found: str(values.get(found[1], found[0])), template)


def put(body: dict[str, Any], place: str, value: Any) -> None:
    *path, last = place.split(".")
    for part in path:
        body = body.setdefault(part, {})
    body[last] = value


def flat(body: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """Dotted name -> text of every value of a body."""
    found: dict[str, str] = {}
    for name, value in body.items():
        found |= flat(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: str(value)}
    return found


def nested(place: str, value: Any) -> dict[str, Any]:
    body: dict[str, Any] = {}
    put(body, place, value)
    return body


def marked(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def unmarked(text: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(text))


def answered(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
    text = body if isinstance(body, str) else json.dumps(body)
    kind = "text/plain" if isinstance(body, str) else "application/json; charset=utf-8"
    return Answer(status, text.encode(), {"Content-Type": kind, **(headers or {})})


@contextmanager
def serving(server: FakeServer) -> Iterator[FakeServer]:
    """The server at an address of this machine, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            size = int(self.headers.get("Content-Length", "0"))
            server.body = self.rfile.read(size)
            server.line = (self.command, self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            given = server.answer(parts.path, query, self.headers)
            if given.is_dropped:
                self.close_connection = True
                return
            self.send_response(given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(given.body)))
            self.end_headers()
            if given.drip:
                self.dripped(given)
                return
            self.wfile.write(given.body[: given.cut])
            if given.cut is not None:
                self.close_connection = True

        def dripped(self, given: Answer) -> None:
            self.close_connection = True
            for letter in given.body:
                server.time.turn(given.drip)
                try:
                    self.wfile.write(bytes([letter]))
                    self.wfile.flush()
                except OSError:
                    return

        do_POST = do_GET

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(server.time.at, usegmt=True)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.address = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
