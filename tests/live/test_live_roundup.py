"""Roundup, an issue tracker in Python (MIT): paging by links, changes since, and a user whose password is wrong."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from pulling import Puller
from running import SERVERS, Install, free_port, run, serving

from connectors.api import Basic, Check, Connector, Cursor, Deleted, NextUrl, Option, Stream
from connectors.api.errors import AuthFailed

pytestmark = pytest.mark.live
PASSWORD = "live-CANARY-password"
FIELDS = "id,title,status,creation,activity"

ROUNDUP = Connector(
    name="roundup", title="Roundup", about="Issues.", base="{url}/rest/data", auth=Basic("{user}", "{password}"), check=Check("user", "data.collection.0.id"),
    options=(Option("url", "Address."), Option("user", "User."), Option("password", "Password.", secret=True)),
    streams=(
        Stream(
            "issues", "issues", "issue", "none", "View on issue", records="data.collection",
            params={"@fields": FIELDS, "@sort": "id", "activity": "{since}"}, paging=NextUrl("@page_size", 7, place="data.@links.next.0.uri"),
            cursor=Cursor("activity", clause="{};", wire="%Y-%m-%d.%H:%M:%S", query="%Y-%m-%d.%H:%M:%S"), deleted=Deleted.STATUS,
        ),
    ),
    credentials=(), limits="",
)  # fmt: skip


@pytest.fixture(scope="module")
def roundup(python_of: Install, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty tracker with a user `admin`."""
    programs, folder, port = python_of("roundup", "roundup"), tmp_path_factory.mktemp("roundup"), free_port()
    tracker = folder / "tracker"
    run(programs / "roundup-admin", "-i", tracker, "install", "classic", "anydbm")
    config = tracker / "config.ini"
    text = config.read_text()
    for name, value in (("web", f"http://127.0.0.1:{port}/"), ("domain", "company.example"), ("host", "localhost")):
        text = "\n".join(f"{name} = {value}" if line.startswith((f"#{name} =", f"{name} =")) else line for line in text.split("\n"))
    config.write_text(text)
    run(programs / "roundup-admin", "-i", tracker, "initialise", PASSWORD)
    with serving([programs / "python", SERVERS / "roundup_serve.py", tracker, str(port)], port, folder) as address:
        yield address


def say(address: str, method: str, path: str, **data: str) -> requests.Response:
    """Roundup's own interface, as its documentation has it: it wants the headers of a page of its own."""
    headers = {"X-Requested-With": "rest", "Origin": address, "Referer": f"{address}/", "Content-Type": "application/x-www-form-urlencoded"}
    if method != "POST":
        headers["If-Match"] = requests.get(f"{address}/rest/data/{path}", auth=("admin", PASSWORD), timeout=30).headers["ETag"]
    answer = requests.request(method, f"{address}/rest/data/{path}", data=data, headers=headers, auth=("admin", PASSWORD), timeout=30)
    answer.raise_for_status()
    return answer


def options(address: str, password: str = PASSWORD) -> dict[str, str]:
    return {"url": address, "user": "admin", "password": password}


def test_every_issue_is_pulled_page_by_page_and_then_only_what_changed(roundup: str, tmp_path: Path) -> None:
    made = [f"Issue {n}" for n in range(1, 24)]
    for title in made:
        say(roundup, "POST", "issue", title=title)
    puller = Puller(ROUNDUP, options(roundup), tmp_path)
    assert [record["title"] for record in sorted(puller.pull("issues"), key=lambda r: int(r["id"]))] == made
    assert puller.reports[-1].pages == 4

    # The question reaches five minutes back, and Roundup tells whole seconds: what lies before both must not come again.
    before = puller.states["issues"]["cursor"]
    puller.states["issues"] = {"cursor": before.replace(before[:4], str(int(before[:4]) + 1))}
    assert puller.pull("issues") == []
    puller.states["issues"] = {"cursor": before}
    time.sleep(1.1)
    say(roundup, "PUT", "issue/5", title="Issue 5, changed")
    say(roundup, "POST", "issue", title="Issue 24")
    again = {record["id"]: record["title"] for record in puller.pull("issues")}
    assert (again["5"], again["24"]) == ("Issue 5, changed", "Issue 24")
    assert puller.states["issues"]["cursor"] > before


def test_a_wrong_password_is_told_as_such(roundup: str, tmp_path: Path) -> None:
    with pytest.raises(AuthFailed) as failed:
        Puller(ROUNDUP, options(roundup, "wrong-CANARY"), tmp_path).pull("issues")
    assert failed.value.exit_code == 4
    assert "CANARY" not in str(failed.value)
