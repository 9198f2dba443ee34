"""Twenty-odd ways in which a server goes wrong for one answer, or for all, and what must come of each."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from fake_server import Answer, FakeServer, answered

Fault = Callable[[FakeServer, Answer], Answer]


def throttled(header: str, value: Callable[[FakeServer], str]) -> Fault:
    def fault(server: FakeServer, page: Answer) -> Answer:
        own = server.manner.get("throttled", {"status": 429, "body": {"error": "Too many requests"}})
        return answered(own["status"], own["body"], {header: value(server)})

    return fault


def status(code: int, body: object = None, headers: Mapping[str, str] | None = None) -> Fault:
    return lambda server, page: answered(code, body if body is not None else {"error": "no"}, headers)


def page_text(change: Callable[[str], str]) -> Fault:
    return lambda server, page: replace(page, body=change(page.body.decode()).encode())


def records(change: Callable[[list[dict[str, object]]], list[dict[str, object]]]) -> Fault:
    """Change the list of records of a page, which is its first list."""

    def fault(server: FakeServer, page: Answer) -> Answer:
        return replace(page, body=json.dumps(changed(json.loads(page.body))).encode())

    def changed(body: Any) -> Any:
        if isinstance(body, list):
            return change(body)
        name = next((name for name, value in body.items() if isinstance(value, list)), None) or next(name for name, value in body.items() if isinstance(value, dict))
        return body | {name: changed(body[name])}

    return fault


RECOVERS: Mapping[str, Fault] = {
    "429 in seconds": throttled("Retry-After", lambda s: "30"),
    "429 with an HTTP date": throttled("Retry-After", lambda s: format_datetime(s.time.at + timedelta(seconds=40), usegmt=True)),
    "429 in Unix time": throttled("X-RateLimit-Reset", lambda s: str(int(s.time.at.timestamp()) + 50)),
    "429 in ISO 8601": throttled("X-RateLimit-Reset", lambda s: (s.time.at + timedelta(seconds=60)).strftime("%Y-%m-%dT%H:%M:%SZ")),
    "429 without a word": throttled("X-Nothing", lambda s: ""),
    "500 once": status(500),
    "502 with a web page": status(502, "<html>bad gateway</html>"),
    "503 with a wait": status(503, headers={"Retry-After": "5"}),
    "connection dropped": lambda server, page: replace(page, is_dropped=True),
    "half a body": lambda server, page: replace(page, cut=len(page.body) // 2),
    "JSON that breaks off": page_text(lambda text: text[: len(text) // 2]),
    "bytes that are no UTF-8": lambda server, page: replace(page, body=page.body[:-2] + b"\xff" + page.body[-2:]),
    "a slow drip": lambda server, page: replace(page, drip=10.0),
}
"""Happens once: the read is complete all the same."""

FAILS: Mapping[str, Fault] = {
    "a web page with 200": lambda server, page: Answer(200, b"<!DOCTYPE html><title>Sign in</title>", {"Content-Type": "text/html"}),
    "401": lambda server, page: answered(server.manner["refused"]["status"], server.manner["refused"]["body"]),
    "403": status(403),
    "404": status(404),
    "400": status(400),
    "500 for ever": status(500),
    "a quota of a day": throttled("Retry-After", lambda s: "86400"),
    "a redirect elsewhere": status(302, "", {"Location": "https://elsewhere.example/steal"}),
    "no list": lambda server, page: answered(200, {"status": "fine"}),
    "a record without its key": records(lambda rows: [{"nothing": 1}]),
    "a record that is no object": records(lambda rows: [7]),
    "an error with 200": lambda server, page: answered(200, server.manner.get("error_200", {"error": {"message": "Something broke"}})),
    "a body without anything": lambda server, page: answered(200, ""),
}
"""Happens always: the read fails in words, and keeps nothing."""

NEVER_SILENT: Mapping[str, Fault] = {
    "the same page again": lambda server, page: server.first or page,
    "the page before again": lambda server, page: server.last or page,
    "a page in another order": records(lambda rows: rows[::-1]),
    "a record twice": records(lambda rows: rows + rows[-1:]),
    "onward to another host": lambda server, page: replace(page, headers=page.headers | {"Link": '<https://elsewhere.example/x>; rel="next"'}),
}
"""Happens once in the middle: the read either fails, or what it kept is all there is."""
