"""What every connector must do, against a server that behaves as its system does. Connectors and streams are found, not listed.

The one rule above all: a read either fails in words, or what it kept is all there is.
"""

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from api_reader import Killed, Reader, reader
from fake_server import NOON, SYSTEMS, Row, answered
from faults import FAILS, NEVER_SILENT, RECOVERS

from connectors.api.connector import Deleted
from connectors.api.cursor import Cursor
from connectors.api.errors import ApiError, AuthFailed, NoPermission, Shrunk
from connectors.api.paging import Single
from connectors.api.registry import shipped
from connectors.api.reports import Asked
from connectors.profile import recognise, template
from connectors.profile import shipped as profiles
from connectors.reading import open_tables
from models import tables
from pipelines.connecting import page_of

STREAMS = [(name, stream.name) for name, connector in shipped().items() for stream in connector.streams]
OWN = [(name, stream.name) for name, connector in shipped().items() for stream in connector.streams if not stream.parent]
SHAPES = list({(name, type(one.paging), one.paging.total, type(one.cursor)): (name, stream) for name, stream in OWN for one in [shipped()[name].stream(stream)]}.values())
"""One stream of each way in which a system gives its lists: what a fault does to one, it does to those that are like it."""
PAGED = [(name, stream) for name, stream in SHAPES if type(shipped()[name].stream(stream).paging) is not Single]
CHANGING = [(name, stream) for name, stream in SHAPES if not shipped()[name].stream(stream).is_complete]
COMPLETE = [(name, stream) for name, stream in SHAPES if shipped()[name].stream(stream).is_complete]
RECONCILED = [(name, stream) for name, stream in SHAPES if shipped()[name].stream(stream).deleted is Deleted.RECONCILE]
FIRST = [next(pair for pair in OWN if pair[0] == name) for name in shipped()]
STYLES = list({(type(one.paging), type(one.cursor), one.method): (name, stream) for name, stream in SHAPES for one in [shipped()[name].stream(stream)]}.values())
"""One stream of each way in which any system gives its lists: a fault of the network does the same to all of them."""
OWN_RULES = ("401", "403", "404", "400", "an error with 200", "a quota of a day")
"""Faults that a connector's own rules judge."""
PASSING = list(dict.fromkeys([*product(STYLES, RECOVERS), *product(FIRST, ["429 in seconds", "500 once"])]))
LASTING = list(dict.fromkeys([*product(STYLES, FAILS), *product(FIRST, OWN_RULES)]))
COUNTS = list(dict.fromkeys([*product(STREAMS, [0, 6]), *product(SHAPES, [0, 1, 4, 5, 6, 15])]))
"""None, and one more than a page, of every stream; of each way in which a system gives its lists, the counts around a page."""


def of(pairs: list[tuple[str, str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("name", "stream"), pairs, ids=["-".join(pair) for pair in pairs])


def test_every_connector_has_a_server_to_be_tested_against() -> None:
    assert set(shipped()) == {path.stem for path in SYSTEMS.glob("*.yml")}


@of(STREAMS)
def test_a_stream_says_what_it_feeds_and_needs(name: str, stream: str) -> None:
    one = shipped()[name].stream(stream)
    profile = profiles()[one.profile]
    assert one.about
    assert one.permission
    assert one.deleted is not Deleted.SNAPSHOT or one.is_complete
    assert one.deleted is not Deleted.RECONCILE or one.listing
    deleted = [rule for rule in profile.exclude if rule.rule == "deleted_in_source"]
    assert deleted or not profile.table
    page = page_of(shipped()[name])
    assert f"`{stream}`" in page
    assert one.permission in page
    assert all(f"`{option.name}`" in page for option in shipped()[name].options)


@of(STREAMS)
def test_records_are_recognised_by_their_profile_and_hold_nothing_left_out(name: str, stream: str, tmp_path: Path) -> None:
    with reader(name, tmp_path) as read:
        filled(read, stream, 3)
        read.read(stream)
        text = read.files[stream][-1].read_text(encoding="utf-8")
        (reading,) = open_tables(read.files[stream][-1])
    known = [*profiles().values(), *map(template, tables().values())]
    assert [profile.profile for profile in recognise(reading.layout.header, known, f"exports/{name}/{stream}.ndjson")] == [shipped()[name].stream(stream).profile]
    assert "PRIVATE" not in text


@pytest.mark.parametrize(("pair", "count"), COUNTS, ids=str)
def test_every_number_of_records_is_read(pair: tuple[str, str], count: int, tmp_path: Path) -> None:
    name, stream = pair
    with reader(name, tmp_path) as read:
        filled(read, stream, count)
        read.read(stream)
        assert read.revisions(stream) == read.truth(stream)
        assert read.reports[-1].outcome == ("ok" if read.truth(stream) else "ok_empty")
        before = read.revisions(stream)
        read.read(stream)
        assert read.revisions(stream) == before


def filled(read: Reader, stream: str, count: int) -> None:
    """Give the stream, or the one it hangs on, so many records."""
    read.server.put(read.connector.stream(stream).parent or stream, count)


@of(SHAPES)
@pytest.mark.parametrize(("change", "at"), [("updated early", 2), ("updated late", 2), ("inserted", 2), ("deleted", 2), ("all at once", 2), ("deleted", 3), ("all at once", 3)])
def test_rows_that_change_between_pages_are_neither_lost_nor_doubled(name: str, stream: str, change: str, at: int, tmp_path: Path) -> None:
    def happens(server: object) -> None:
        if change in ("updated early", "all at once"):
            read.server.touch(stream, 2)
        if change in ("updated late", "all at once"):
            read.server.touch(stream, 14)
        if change in ("inserted", "all at once"):
            read.server.rows[stream].append(Row(17, read.server.time.at))
        if change in ("deleted", "all at once"):
            read.server.rows[stream][3].is_gone, read.server.rows[stream][3].at = True, read.server.time.at

    with reader(name, tmp_path) as read:
        read.server.put(stream, 16)
        read.server.changes[at] = happens
        before = read.truth(stream).keys()
        read.read(stream)
        assert read.revisions(stream).keys() >= before & read.truth(stream).keys()
        read.server.time.turn(3600)
        for _ in range(3):  # the next reads, of which one lists all keys, bring what changed behind the reader's back
            read.read(stream)
        assert read.revisions(stream) == read.truth(stream)


@of(CHANGING)
@pytest.mark.parametrize("group", [1, 5, 13])
def test_rows_of_one_instant_and_at_the_edge_are_read(name: str, stream: str, group: int, tmp_path: Path) -> None:
    with reader(name, tmp_path) as read:
        read.server.put(stream, 4)
        read.server.put(stream, group, start=NOON - timedelta(hours=2), apart=timedelta(0))
        read.server.put(stream, 3, start=NOON - timedelta(hours=2), apart=timedelta(milliseconds=300))
        read.read(stream)
        assert read.revisions(stream) == read.truth(stream)
        read.server.put(stream, group, start=NOON - timedelta(hours=2), apart=timedelta(0))
        if isinstance(shipped()[name].stream(stream).cursor, Cursor):  # a bookmark is the server's own promise
            read.read(stream)
            assert read.revisions(stream) == read.truth(stream)


@of(CHANGING)
@pytest.mark.parametrize("change_at", ["2026-03-29T00:30:00+00:00", "2026-03-29T01:30:00+00:00", "2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00"])
def test_nothing_is_lost_on_the_day_clocks_change(name: str, stream: str, change_at: str, tmp_path: Path) -> None:
    moment = datetime.fromisoformat(change_at)
    with reader(name, tmp_path) as read:
        read.server.time.at = moment
        read.server.put(stream, 7, start=moment - timedelta(minutes=3), apart=timedelta(seconds=20))
        read.read(stream)
        for minutes in (30, 60, 60):
            read.server.time.turn(minutes * 60)
            read.server.touch(stream, 2)
            read.server.put(stream, 2, start=read.server.time.at, apart=timedelta(0))
            read.read(stream)
            assert read.revisions(stream) == read.truth(stream)


@of(CHANGING)
def test_only_what_changed_is_asked_for_again(name: str, stream: str, tmp_path: Path) -> None:
    with reader(name, tmp_path) as read:
        read.server.put(stream, 15, start=NOON - timedelta(days=9), apart=timedelta(hours=8))
        read.read(stream)
        read.server.time.turn(3 * 86400)
        read.server.touch(stream, 3)
        read.read(stream)
        assert read.reports[-1].rows < 15
        assert read.revisions(stream) == read.truth(stream)
        read.read(stream, Asked(full=True))
        assert read.reports[-1].rows == 15


@of(PAGED)
@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_read_that_dies_after_a_page_leaves_nothing_and_is_read_anew(name: str, stream: str, page: int, tmp_path: Path) -> None:
    with reader(name, tmp_path) as read:
        read.server.put(stream, 18)
        with pytest.raises(Killed):
            read.read(stream, die_after=page)
        assert read.states == {}
        assert read.files == {}
        read.read(stream)
        assert read.revisions(stream) == read.truth(stream)


@pytest.mark.parametrize(("pair", "fault"), PASSING, ids=str)
def test_a_passing_fault_is_survived(pair: tuple[str, str], fault: str, tmp_path: Path) -> None:
    name, stream = pair
    with reader(name, tmp_path) as read:
        read.server.put(stream, 14)
        read.server.faults[2 if pair in PAGED else 1] = RECOVERS[fault]
        read.read(stream)
        assert read.revisions(stream) == read.truth(stream)
        assert read.reports[-1].retries == 1
        asked = {"429 in seconds": 30, "429 with an HTTP date": 40, "429 in Unix time": 50, "429 in ISO 8601": 60, "503 with a wait": 5}
        assert fault not in asked or asked[fault] <= sum(read.server.time.slept) <= asked[fault] + 6


@pytest.mark.parametrize(("pair", "fault"), LASTING, ids=str)
def test_a_lasting_fault_fails_in_words_and_moves_nothing(pair: tuple[str, str], fault: str, tmp_path: Path) -> None:
    name, stream = pair
    with reader(name, tmp_path) as read:
        read.server.put(stream, 7)
        read.read(stream)
        before, state = read.revisions(stream), dict(read.states)
        read.server.time.turn(86400)
        read.server.touch(stream, 5)
        read.server.always = FAILS[fault]
        with pytest.raises(ApiError) as failed:
            read.read(stream)
        assert stream in str(failed.value)
        assert isinstance(failed.value, {"401": AuthFailed, "403": NoPermission}.get(fault, ApiError))
        assert (read.revisions(stream), read.states) == (before, state)
        read.server.always = None
        read.server.time.turn(3600)
        read.read(stream)
        assert read.revisions(stream) == read.truth(stream)


@pytest.mark.parametrize(("pair", "fault"), list(product(SHAPES, [*NEVER_SILENT, "a short page", "an empty page"])), ids=str)
@pytest.mark.parametrize("at", [2, 3])
def test_no_shortfall_is_silent(pair: tuple[str, str], fault: str, at: int, tmp_path: Path) -> None:
    name, stream = pair
    with reader(name, tmp_path) as read:
        read.server.put(stream, 14)
        if fault in NEVER_SILENT:
            read.server.faults[at] = NEVER_SILENT[fault]
        else:
            read.server.squeezed[at] = 2 if fault == "a short page" else 0
        try:
            read.read(stream)
        except ApiError:
            assert read.states == {}
        else:
            assert read.revisions(stream) == read.truth(stream)


@of([pair for pair in CHANGING if isinstance(shipped()[pair[0]].stream(pair[1]).cursor, Cursor)])
def test_a_filter_that_the_server_ignores_is_seen(name: str, stream: str, tmp_path: Path) -> None:
    with reader(name, tmp_path) as read:
        read.server.put(stream, 14)
        read.read(stream)
        read.server.time.turn(40 * 86400)
        read.server.touch(stream, 9)
        read.read(stream)
        state = dict(read.states)
        read.server.manner["streams"][stream]["since"] = {"param": "nothing", "pattern": "x", "form": "epoch"}
        with pytest.raises(ApiError, match="ignored the filter"):
            read.read(stream)
        assert read.states == state


@of(FIRST)
def test_wrong_credentials_are_told_at_once(name: str, stream: str, tmp_path: Path) -> None:
    with reader(name, tmp_path) as read:
        secrets = [option.name for option in read.connector.options if option.secret]
        with pytest.raises(AuthFailed) as failed:
            read.source({**read.options, **dict.fromkeys(secrets, "WRONG-but-secret")})
        assert "WRONG-but-secret" not in str(failed.value)


@of(FIRST)
def test_a_secret_is_nowhere(name: str, stream: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG)
    with reader(name, tmp_path) as read:
        read.server.put(stream, 7)
        read.read(stream)
        texts = []
        secrets = [value for option, value in read.options.items() if "CANARY" in value]
        for fault in FAILS.values():
            read.server.always = lambda server, page, fault=fault: fault(server, page)
            with pytest.raises(ApiError) as failed:
                read.read(stream)
            texts.append(repr(failed.value) + str(failed.value.__cause__) + str(failed.value.__context__ if not failed.value.__suppress_context__ else ""))
        # The worst server tells the secret in its error.
        read.server.always = lambda server, page: answered(400, {"error": f"bad {secrets[0]} in {server.manner['accepts']}"})
        with pytest.raises(ApiError) as failed:
            read.read(stream)
        texts.append(str(failed.value))
        kept = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()]
        texts += [*kept, caplog.text, *capfd.readouterr(), json.dumps(read.states), json.dumps([report.facts() for report in read.reports]), repr(read.source().client.pace)]
        spoken = [*secrets, *(value.rpartition(" ")[2] for value in read.server.manner["accepts"].values())]
        assert [(secret, text) for secret in spoken for text in texts if secret in text] == []


@of(FIRST)
def test_no_request_goes_elsewhere_and_each_is_signed(name: str, stream: str, tmp_path: Path) -> None:
    with reader(name, tmp_path) as read:
        read.server.put(stream, 12)
        read.read(stream)
        assert read.server.seen
        assert read.server.refused == 0
        assert [query for _, query, _ in read.server.seen if "CANARY" in str(query)] == []


@of(COMPLETE)
def test_a_list_that_shrinks_much_is_not_believed(name: str, stream: str, tmp_path: Path) -> None:
    with reader(name, tmp_path) as read:
        on_one_page(read, stream)
        read.server.put(stream, 60)
        read.read(stream)
        delete(read, stream, range(1, 6))
        read.read(stream)
        assert read.revisions(stream) == read.truth(stream)
        before = read.revisions(stream)
        delete(read, stream, range(6, 40))
        with pytest.raises(Shrunk, match="allow-shrink"):
            read.read(stream)
        assert read.revisions(stream) == before
        read.read(stream, Asked(allow_shrink=True))
        assert read.revisions(stream) == read.truth(stream)
        delete(read, stream, range(40, 61))
        with pytest.raises(Shrunk):
            read.read(stream)
        read.read(stream, Asked(allow_shrink=True))
        assert read.living(stream) == {}


@of(RECONCILED)
def test_vanished_records_are_marked_and_many_are_not_believed(name: str, stream: str, tmp_path: Path) -> None:
    every = shipped()[name].stream(stream).listing.every  # type: ignore[union-attr]
    with reader(name, tmp_path) as read:
        on_one_page(read, stream)
        read.server.put(stream, 60)
        read.read(stream)
        delete(read, stream, range(1, 6))
        for _ in range(every):
            read.read(stream)
        assert read.revisions(stream) == read.truth(stream)
        delete(read, stream, range(6, 40))
        read.states[stream] = {**read.states[stream], "reads": every - 1}
        with pytest.raises(Shrunk):
            read.read(stream)
        read.read(stream, Asked(allow_shrink=True))
        assert read.revisions(stream) == read.truth(stream)


@of([pair for pair in OWN if shipped()[pair[0]].stream(pair[1]).deleted is Deleted.STATUS])
def test_records_that_say_that_they_are_deleted_go(name: str, stream: str, tmp_path: Path) -> None:
    with reader(name, tmp_path) as read:
        read.server.put(stream, 12)
        read.read(stream)
        read.server.time.turn(3600)
        delete(read, stream, [4, 9])
        read.read(stream)
        assert read.revisions(stream) == read.truth(stream)
        assert len(read.truth(stream)) == 10


def on_one_page(read: Reader, stream: str) -> None:
    """Let the server give many rows at once, where pages are not what is looked at: a page less is a request less."""
    read.server.manner["streams"][stream]["size"] |= {"default": 80, "cap": 80}


def delete(read: Reader, stream: str, numbers: object) -> None:
    for n in numbers:  # type: ignore[attr-defined]
        row = read.server.rows[stream][n - 1]
        row.is_gone, row.at = True, read.server.time.at


@of(OWN)
def test_rows_that_access_rules_hide_leave_short_and_empty_pages(name: str, stream: str, tmp_path: Path) -> None:
    with reader(name, tmp_path) as read:
        read.server.put(stream, 23)
        read.server.hidden = {2, *range(6, 16), 21}
        try:
            read.read(stream)
        except ApiError:
            assert not read.server.manner["streams"][stream].get("hides"), "this system hides rows, and its connector must bear it"
        else:
            assert read.revisions(stream) == read.truth(stream)


def dotted(record: Mapping[str, object], place: str) -> tuple[dict[str, object], str]:
    inner: object = record
    if place in record:
        return inner, place  # type: ignore[return-value]
    *path, last = place.split(".")
    for part in path:
        inner = inner[part]  # type: ignore[index]
    return inner, last  # type: ignore[return-value]


@of(OWN)
def test_a_field_that_is_gone_is_told_and_a_new_one_is_kept(name: str, stream: str, tmp_path: Path) -> None:
    with reader(name, tmp_path) as read:
        read.server.put(stream, 6)
        manner = read.server.manner["streams"][stream]
        manner["record"]["brand_new"] = {"deep": "kept"}
        read.read(stream)
        assert all(record["brand_new"] == {"deep": "kept"} for record in read.living(stream).values())
        lost = [h for h in profiles()[shipped()[name].stream(stream).profile].header if h not in read.connector.stream(stream).key and h not in manner["key"][0]][-1]
        if lost.startswith("_"):
            return
        inner, last = dotted(manner["record"], lost)
        del inner[last]
        read.server.time.turn(3600)
        for n in range(1, 7):
            read.server.touch(stream, n)
        state = dict(read.states)
        with pytest.raises(ApiError):
            read.read(stream)
        assert read.states == state
