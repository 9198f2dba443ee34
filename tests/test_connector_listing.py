"""What the list of all keys has and the list of changes never gave: a silent shortfall, which is found and mended."""

from datetime import timedelta
from pathlib import Path

import pytest
from api_reader import Reader, reader
from faults import records

from connectors.api.errors import Incomplete


def asked(read: Reader) -> list[str]:
    """What was asked of Jira since the last look: `all`, `changes` or `keys`."""
    found = ["keys" if query["fields"] == "key" else "all" if "1990" in query["jql"] else "changes" for path, query, _ in read.server.seen if path == "search/jql"]
    read.server.seen.clear()
    return found


def test_records_that_could_not_be_seen_when_they_changed_are_read_later(tmp_path: Path) -> None:
    with reader("jira", tmp_path) as read:
        read.server.put("issues", 4, apart=timedelta(hours=1))
        read.server.hidden = {2, 3}
        read.read("issues")
        assert set(read.revisions("issues")) == {"ITSM-1", "ITSM-4"}
        read.server.time.turn(86400)
        read.server.hidden = set()
        asked(read)
        read.read("issues")
        assert asked(read) == ["changes", "keys", "changes", "all", "keys"]
        assert read.revisions("issues") == read.truth("issues")
        assert (read.reports[-1].warnings, read.states["issues"]["withheld"]) == ([], 0)
        read.read("issues")
        assert asked(read) == ["changes", "keys"]


def test_a_record_made_while_all_are_listed_is_no_loss(tmp_path: Path) -> None:
    with reader("jira", tmp_path) as read:
        read.server.put("issues", 3)
        read.read("issues")
        read.server.time.turn(86400)
        asked(read)
        read.server.changes[read.server.count + 2] = lambda server: server.put("issues", 1, start=server.time.at)
        read.read("issues")
        assert asked(read) == ["changes", "keys", "changes"]
        assert read.reports[-1].warnings == []
        read.read("issues")
        assert read.revisions("issues") == read.truth("issues")


def test_a_record_that_is_only_listed_is_told_and_not_asked_for_each_time(tmp_path: Path) -> None:
    with reader("jira", tmp_path) as read:
        read.server.put("issues", 4, apart=timedelta(hours=1))
        read.server.always = records(lambda rows: [row for row in rows if row["key"] != "ITSM-2" or read.server.seen[-1][1]["fields"] == "key"])
        for expected in (["all", "keys", "changes"] * 2, ["changes", "keys", "changes"]):
            read.read("issues")
            assert asked(read) == expected
            assert [w for w in read.reports[-1].warnings if w.startswith("1 records are listed and were not given")]
            read.server.time.turn(86400)


def test_a_first_read_with_a_short_page_is_read_again(tmp_path: Path) -> None:
    with reader("jira", tmp_path) as read:
        read.server.put("issues", 23)
        read.server.faults[2] = records(lambda rows: rows[:1])
        read.read("issues")
        assert read.revisions("issues") == read.truth("issues")
        assert len(read.truth("issues")) == 23


@pytest.mark.parametrize("at", [1, 2, 3])
def test_changes_of_several_pages_with_a_short_one_are_all_read(at: int, tmp_path: Path) -> None:
    """The keys of changed records are known: no list of keys tells that a copy is old."""
    with reader("jira", tmp_path) as read:
        read.server.put("issues", 14)
        read.read("issues")
        read.server.time.turn(86400)
        for n in range(1, 13):
            read.server.time.turn(60)
            read.server.touch("issues", n)
        read.server.faults[read.server.count + at] = records(lambda rows: rows[:1])
        read.read("issues")
        assert read.revisions("issues") == read.truth("issues")
        assert sum(text == "r2" for text in read.truth("issues").values()) == 12


def test_a_server_that_keeps_many_to_itself_is_not_believed(tmp_path: Path) -> None:
    with reader("jira", tmp_path) as read:
        read.server.put("issues", 40, apart=timedelta(hours=1))
        read.server.always = records(lambda rows: [row for row in rows if int(row["key"][5:]) % 3 or read.server.seen[-1][1]["fields"] == "key"])
        with pytest.raises(Incomplete, match="lists 40 records, of which it did not give 13"):
            read.read("issues")
        assert read.files == {}


def test_a_list_of_keys_that_comes_short_deletes_nothing(tmp_path: Path) -> None:
    with reader("jira", tmp_path) as read:
        read.server.put("issues", 12, apart=timedelta(hours=1))
        read.read("issues")
        asked(read)
        read.server.faults[read.server.count + 2] = records(lambda rows: rows[:3])
        read.read("issues")
        assert asked(read) == ["changes", *["keys"] * 6]
        assert read.revisions("issues") == read.truth("issues")
        assert read.reports[-1].deleted == 0
