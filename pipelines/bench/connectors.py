"""`python -m pipelines.bench.connectors`: the connector engine beside a bare `requests` loop over the same pages of a server in another process."""

import argparse
import json
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from connectors.api import Check, Connector, Key, Option, Stream, Token
from connectors.api.engine import connect, read
from connectors.api.tokens import TokenStore

PAGE = 1000
RECORD = {
    "subject": "Cannot log in to the customer system since the change of last night", "status": "solved", "priority": "high", "type": "incident",
    "created_at": "2026-03-01T10:00:00Z", "updated_at": "2026-03-01T12:30:00Z", "group": {"id": 98738, "name": "Support"}, "amount": 1299.90, "tags": ["crm", "login"],
    "requester_id": 20978392, "custom_fields": [{"id": 27642, "value": "salesforce"}],
}  # fmt: skip


def serve(records: int, told: Connection) -> None:
    """Serve so many records in pages; the port is told first. Bodies are made once for each page, since the server is not what is measured."""
    tail = json.dumps(RECORD)[1:]

    class Handler(BaseHTTPRequestHandler):
        protocol_version, wbufsize, disable_nagle_algorithm = "HTTP/1.1", -1, True

        def do_GET(self) -> None:
            begin = int(parse_qs(urlsplit(self.path).query).get("t", ["0"])[0])
            end = min(begin + PAGE, records)
            rows = ", ".join(f'{{"id": {n}, {tail}' for n in range(begin, end))
            onward = f', "next": "{end}"' if end < records else ""
            body = f'{{"rows": [{rows}]{onward}}}'.encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.send(server.server_port)
    server.serve_forever()


def bare(url: str, folder: Path) -> int:
    """What one would write by hand: get a page, write its records, go on."""
    count, params = 0, {}
    with requests.Session() as session, (folder / "bare.ndjson").open("w", encoding="utf-8") as out:
        while True:
            page = session.get(f"{url}/things", params=params, headers={"X-Key": "key"}, timeout=60).json()
            for record in page["rows"]:
                out.write(json.dumps(record) + "\n")
            count += len(page["rows"])
            if "next" not in page:
                return count
            params = {"t": page["next"]}


def engine(url: str, folder: Path) -> int:
    """The same by the engine."""
    stream = Stream("things", "things", "things", "none", "none", records="rows", paging=Token(place="next", param="t"))
    connector = Connector("bench", "Bench", "", "{url}", Key("X-Key", "{key}"), Check("things"), (Option("url", ""), Option("key", "", secret=True)), (stream,), (), "")
    source = connect(connector, {"url": url, "key": "benchmark-key"}, TokenStore(folder / "tokens.json"))
    return sum(unit.rows for unit in read(source, stream, {}, folder / "incoming", lambda _: []))


def measured(way: Callable[[str, Path], int], url: str, folder: Path, told: Connection) -> None:
    started = time.perf_counter()
    count = way(url, folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    told.send((time.perf_counter() - started, peak, count))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    own = multiprocessing.get_context("spawn")
    for records in given.records:
        here, there = own.Pipe()
        server = own.Process(target=serve, args=(records, there), daemon=True)
        server.start()
        url = f"http://127.0.0.1:{here.recv()}"
        results: dict[str, list[tuple[float, float, int]]] = {"bare": [], "engine": []}
        for _ in range(given.turns):
            for way in (bare, engine):
                with tempfile.TemporaryDirectory() as folder:
                    child = own.Process(target=measured, args=(way, url, Path(folder), there))
                    child.start()
                    results[way.__name__].append(here.recv())
                    child.join()
        server.terminate()
        seconds = {name: statistics.median(s for s, _, _ in found) for name, found in results.items()}
        for name, found in results.items():
            print(f"{records:>9,} records  {name:<7} {seconds[name]:6.2f} s  {max(p for _, p, _ in found):4.0f} MB  {found[0][2]:,} rows")
        print(f"{records:>9,} records  engine / bare loop {seconds['engine'] / seconds['bare']:.2f}")


if __name__ == "__main__":
    main()
