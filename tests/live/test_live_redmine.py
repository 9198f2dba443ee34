"""Redmine 5 (GPL 2) from Debian: issues of every status through its REST interface, by small pages, then what changed and what is gone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests
from pulling import Puller
from running import SERVERS, Install, free_port, serving

from connectors.api.errors import AuthFailed
from connectors.api.spool import GONE
from connectors.systems.redmine import REDMINE

pytestmark = pytest.mark.live
CLOSED = 5


@dataclass(frozen=True)
class Tracker:
    """A running Redmine and its administrator's key."""

    address: str
    key: str

    def say(self, method: str, path: str, body: object = None) -> Any:
        """Redmine's own interface."""
        answer = requests.request(method, f"{self.address}/{path}", json=body, headers={"X-Redmine-API-Key": self.key}, timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.content.strip() else None

    def puller(self, folder: Path, key: str | None = None) -> Puller:
        """The connector as it is, but for pages of 5."""
        stream = REDMINE.stream("issues")
        assert stream.listing
        small = replace(stream, paging=replace(stream.paging, size=5), listing=replace(stream.listing, paging=replace(stream.listing.paging, size=5)))
        return Puller(replace(REDMINE, streams=(small,)), {"url": self.address, "key": key or self.key}, folder)


@pytest.fixture(scope="module")
def tracker(debian_of: Install, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracker]:
    """A Redmine with its default statuses and trackers, one project, and no issues."""
    base, folder, port, key = debian_of("redmine", "redmine_install.sh"), tmp_path_factory.mktemp("redmine"), free_port(), "/var/lib/redmine.key"
    serve = f"cd /usr/share/redmine && exec bundle exec bin/rails runner {SERVERS / 'redmine_serve.rb'} {port} {key}"
    command = ["unshare", "--mount", "sh", SERVERS / "inside.sh", base, "sh", "-c", serve]
    with serving(command, port, folder, {"REDMINE_INSTANCE": "default", "RAILS_ENV": "production"}, "/issues.json") as address:
        found = Tracker(address, (base / "changed" / key.lstrip("/")).read_text())
        for issue in found.say("GET", "issues.json?status_id=*&limit=100")["issues"]:
            found.say("DELETE", f"issues/{issue['id']}.json")
        if not found.say("GET", "projects.json")["projects"]:
            found.say("POST", "projects.json", {"project": {"name": "IT", "identifier": "it"}})
        yield found


def test_issues_are_pulled_then_what_changed_and_what_is_gone(tracker: Tracker, tmp_path: Path) -> None:
    (project,) = tracker.say("GET", "projects.json")["projects"]
    made = {}
    for n in range(1, 24):
        issue = {"project_id": project["id"], "tracker_id": 3, "priority_id": 2, "subject": f"Issue {n}", "status_id": CLOSED if n % 3 == 0 else 1, "description": "PRIVATE"}
        made[tracker.say("POST", "issues.json", {"issue": issue})["issue"]["id"]] = issue["subject"]
    puller = tracker.puller(tmp_path)
    assert {record["id"]: record["subject"] for record in puller.pull("issues")} == made
    assert puller.reports[-1].pages > 4
    assert "PRIVATE" not in "".join(path.read_text() for path in puller.files["issues"])

    changed, gone = min(made), max(made)
    tracker.say("PUT", f"issues/{changed}.json", {"issue": {"subject": "Issue 1, changed"}})
    tracker.say("DELETE", f"issues/{gone}.json")
    again = {record["id"]: record["subject"] for record in puller.pull("issues")}
    assert (again[changed], gone in again) == ("Issue 1, changed", False)
    assert puller.reports[-1].total == 22
    assert [record["id"] for record in puller.pull("issues") if record.get(GONE)] == [gone]


def test_a_wrong_key_is_told_as_such(tracker: Tracker, tmp_path: Path) -> None:
    with pytest.raises(AuthFailed) as failed:
        tracker.puller(tmp_path, "CANARY-no-such-key").pull("issues")
    assert failed.value.exit_code == 4
    assert "CANARY" not in str(failed.value)
