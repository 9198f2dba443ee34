"""The parts of the engine that the shipped connectors do not all use: ways to sign, to page, to wait, and windows of time."""

import base64
import json
import stat
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fake_server import NOON, Answer, FakeServer, Turned, answered, serving
from hypothesis import given
from hypothesis import strategies as some
from small import python

from connectors.api import (
    Basic,
    BodyCursor,
    Check,
    ClientCredentials,
    Connector,
    Count,
    Cursor,
    Deleted,
    Either,
    JwtBearer,
    Key,
    Keyset,
    LinkHeader,
    NextUrl,
    OAuth1,
    Offset,
    Option,
    PageNumber,
    PostNext,
    RotatingRefresh,
    Session,
    Single,
    Stream,
    Token,
)  # fmt: skip
from connectors.api.auth import Auth
from connectors.api.cursor import Window
from connectors.api.engine import Source, connect, read
from connectors.api.errors import AuthFailed, BadOptions, Incomplete, QuotaUsed, Redactor, Unavailable
from connectors.api.nouns import Budget
from connectors.api.paging import Paging
from connectors.api.reports import Asked
from connectors.api.slicing import NoList, added, renamed, sliced, without
from connectors.api.tokens import TokenStore
from connectors.api.waiting import Clock, Pace, asked_wait, seconds_until

Say = Callable[[str, dict[str, str], Any], Answer]
KEYS = ("url", "user", "secret")


class Scripted(FakeServer):
    """A server whose answers a test gives."""

    def __init__(self, say: Say) -> None:
        self.time, self.say, self.asked, self.address, self.body = Turned(), say, [], "", b""

    def answer(self, path: str, query: dict[str, str], headers: Mapping[str, str]) -> Answer:
        body = json.loads(self.body) if self.body.startswith(b"{") else dict(pair.split("=", 1) for pair in self.body.decode().split("&")) if self.body else {}
        self.asked.append((path, query, dict(headers.items()), body))
        return self.say(path, query, self.asked[-1])


@contextmanager
def opened(say: Say, folder: Path, auth: Auth = Key("X-Key", "{secret}"), budget: Budget = Budget(), **stream: Any) -> Iterator[tuple[Scripted, Source, Stream]]:  # noqa: B008 - frozen
    """A connection to a scripted server, with one stream."""
    with serving(Scripted(say)) as server:
        one = Stream(**({"name": "things", "about": "things", "path": "things", "profile": "none", "permission": "none", "records": "rows"} | stream))
        connector = Connector("made", "Made", "For tests.", "{url}", auth, Check("me"), tuple(Option(key, key, secret=key == "secret") for key in KEYS), (one,), (), "", budget=budget)
        options = {"url": server.address, "user": "me", "secret": "CANARY-made"}
        yield server, connect(connector, options, TokenStore(folder / "tokens" / "made.json"), server.time.clock), one  # type: ignore[misc]


def rows_of(source: Source, stream: Stream, folder: Path, asked: Asked = Asked(), state: Mapping[str, Any] = {}) -> list[Any]:  # noqa: B008 - never changed
    """The records of all units of a read."""
    found = []
    for unit in read(source, stream, state, folder / "incoming", lambda _: [], asked):
        if unit.path:
            found += [json.loads(line) for line in unit.path.read_text(encoding="utf-8").splitlines()]
    return found


ALL = [{"id": n} for n in range(1, 8)]


def by_page(path: str, query: dict[str, str], asked: Any) -> Answer:
    """Seven rows, three a page, in every style at once."""
    body = asked[3]
    page = int(query.get("page") or body.get("page") or query.get("t") or body.get("t") or (path.rpartition("/")[2] if path[-1].isdecimal() else 0) or 1)
    begin = int(query["offset"]) if "offset" in query else int(body["starting_after"]) if "starting_after" in body else (page - 1) * 3
    rows = ALL[begin : begin + 3]
    more = begin + 3 < 7
    headers = {"Link": f'</things/{page + 1}>; rel="next"'} if more else {}
    onward = {"next": f"/things/{page + 1}", "token": str(page + 1), "pageDetails": {"nextPageUrl": f"/things/{page + 1}"}} if more else {"pageDetails": {"nextPageUrl": None}}
    return answered(200, {"rows": rows, "total": 7, "pages": 3, "more": more, "last": not more, **onward, **({"last_id": rows[-1]["id"]} if more else {})}, headers)


@pytest.mark.parametrize(
    "paging",
    [
        LinkHeader("per_page", 3), NextUrl("per_page", 3), NextUrl(more="more"), Token("per_page", 3, place="token", param="t", more="more"),
        Token("per_page", 3, place="token", param="t", ends="last", in_body=True), Offset("limit", 3), Offset("limit", 3, total="total"), PageNumber("limit", 3, total="total"),
        PageNumber("limit", 3, last="pages"), PageNumber("limit", 3), Offset("{start}", 3, param="offset"), PostNext("MaxRecords", 3), BodyCursor("limit", 3, place="last_id"),
        BodyCursor("limit", 3, place="id", of_record=True),
    ],
    ids=repr,
)  # fmt: skip
def test_every_way_of_paging_reaches_the_end(paging: Paging, tmp_path: Path) -> None:
    method = "POST" if isinstance(paging, Token) and paging.in_body else "GET"
    with opened(by_page, tmp_path, paging=paging, method=method, body={"filter": []} if method == "POST" or isinstance(paging, PostNext) else None) as (server, source, stream):
        assert rows_of(source, stream, tmp_path) == ALL
        if isinstance(paging, PostNext):
            assert all(body["filter"] == [] for *_, body in server.asked)


@pytest.mark.parametrize(
    ("paging", "body", "headers", "said"),
    [
        (NextUrl(), {"next": "https://elsewhere.example/x"}, {}, "another host"),
        (NextUrl(), {"next": "//elsewhere.example/x"}, {}, "another host|https"),
        (LinkHeader(), {}, {"Link": '<http://elsewhere.example/x>; rel="next"'}, "another host|https"),
        (NextUrl(), {"next": "/things"}, {}, "read already"),
        (NextUrl(), {"next": "/things?again=1"}, {}, "same page again"),
        (Token(place="token", param="t"), {"token": "same"}, {}, "same page again|read already"),
        (Token(place="token", param="t", more="more"), {"more": True}, {}, "pages would be lost"),
        (Token(place="token", param="t", ends="last"), {"token": "x", "last": True}, {}, "pages would be lost"),
        (Single(total="total"), {"total": 9}, {}, "counts 9"),
    ],
)
def test_a_chain_that_can_not_be_trusted_is_an_error(paging: Paging, body: dict[str, Any], headers: dict[str, str], said: str, tmp_path: Path) -> None:
    def say(path: str, query: dict[str, str], asked: Any) -> Answer:
        return answered(200, {"rows": [{"id": 1}], **body}, headers)

    with opened(say, tmp_path, paging=paging) as (server, source, stream), pytest.raises((Incomplete, BadOptions), match=said):
        rows_of(source, stream, tmp_path)
    assert all("Host" in headers and headers["Host"].startswith("127.") for _, _, headers, _ in server.asked)


@pytest.mark.parametrize(("count", "goes_at", "asked"), [(3, (), [1]), (7, (), [1, 2, 3, 1, 2, 3]), (7, (2,), [1, 2, 1, 2, 1, 2])])
def test_a_list_whose_links_count_pages_is_read_until_nothing_new_comes(count: int, goes_at: tuple[int, ...], asked: list[int], tmp_path: Path) -> None:
    rows, pages = ALL[:count], []

    def say(path: str, query: dict[str, str], _: Any) -> Answer:
        page = int(query.get("page", "1"))
        pages.append(page)
        if len(pages) in goes_at:
            del rows[0]  # the first row of this page moves to the one before, which was read
        return answered(200, {"rows": rows[page * 3 - 3 : page * 3]}, {"Link": f'</things?page={page + 1}>; rel="next"'} if page * 3 < len(rows) else {})

    with opened(say, tmp_path, paging=LinkHeader(shifts=True)) as (_, source, stream):
        assert {row["id"] for row in rows_of(source, stream, tmp_path)} == set(range(1, count + 1))
    assert pages == asked


def test_a_list_that_never_stands_still_is_an_error(tmp_path: Path) -> None:
    def say(path: str, query: dict[str, str], _: Any) -> Answer:
        asked.append(query)
        return answered(200, {"rows": [{"id": len(asked)}]}, {} if query else {"Link": '</things?page=2>; rel="next"'})

    asked: list[dict[str, str]] = []
    with opened(say, tmp_path, paging=LinkHeader(shifts=True)) as (_, source, stream), pytest.raises(Incomplete, match="the list changed"):
        rows_of(source, stream, tmp_path)


def test_a_posted_body_is_filled_and_a_member_may_have_dots_in_its_name(tmp_path: Path) -> None:
    def say(path: str, query: dict[str, str], asked: Any) -> Answer:
        return answered(200, {"rows": ALL[3:], "@odata.count": 7} if query else {"rows": ALL[:3], "@odata.count": 7, "@odata.nextLink": "/things?page=2"})

    body = {"filters": {"who": "{user}", "nothing": "{since}"}, "plain": "", "limit": 3}
    with opened(say, tmp_path, paging=NextUrl(place="@odata.nextLink", total="@odata.count"), method="POST", body=body) as (server, source, stream):
        assert rows_of(source, stream, tmp_path) == ALL
        assert server.asked[0][3] == {"filters": {"who": "me"}, "plain": "", "limit": 3}


def test_a_key_that_is_none_is_told_without_it(tmp_path: Path) -> None:
    with opened(by_page, tmp_path, JwtBearer("{url}/token", "{user}", "{secret}")) as (_, source, stream), pytest.raises(AuthFailed, match="can't be read") as failed:
        rows_of(source, stream, tmp_path)
    assert "CANARY" not in str(failed.value)


DAY = timedelta(days=1)


@pytest.mark.parametrize(("cap", "fits"), [(50, True), (20, True), (1, False)])
def test_windows_are_halved_until_they_fit_under_the_server_s_cap(cap: int, fits: bool, tmp_path: Path) -> None:
    moments = {n: NOON - 30 * DAY + n * timedelta(hours=11) for n in range(60)} | {60: NOON - 20 * DAY, 61: NOON - 20 * DAY}

    def say(path: str, query: dict[str, str], asked: Any) -> Answer:
        since, until = (datetime.fromisoformat(query[name]) for name in ("since", "until"))
        return answered(200, {"rows": [{"id": n, "at": m.isoformat()} for n, m in sorted(moments.items()) if since <= m < until][:cap]})

    cursor = Cursor("at", step=10 * DAY, cap=cap, start=NOON - 31 * DAY)
    with opened(say, tmp_path, params={"since": "{since}", "until": "{until}"}, cursor=cursor, deleted=Deleted.STATUS) as (_, source, stream):
        source.client.server_time = None
        if fits:
            assert sorted(row["id"] for row in rows_of(source, stream, tmp_path)) == sorted(moments)
        else:
            with pytest.raises(Incomplete, match="at most 1 rows"):
                rows_of(source, stream, tmp_path)


def test_finished_windows_stay_where_a_later_one_fails(tmp_path: Path) -> None:
    def say(path: str, query: dict[str, str], asked: Any) -> Answer:
        if datetime.fromisoformat(query["since"]) > NOON - 15 * DAY:
            return answered(429, {"error": "daily limit"}, {"Retry-After": "80000"})
        return answered(200, {"rows": [{"id": query["since"], "at": query["since"]}]})

    cursor = Cursor("at", step=10 * DAY, start=NOON - 30 * DAY)
    with opened(say, tmp_path, params={"since": "{since}", "until": "{until}"}, cursor=cursor, deleted=Deleted.STATUS) as (_, source, stream):
        units = read(source, stream, {}, tmp_path / "in", lambda _: [])
        first, second = next(units), next(units)
        assert (first.rows, second.state["cursor"]) == (1, (NOON - 10 * DAY).isoformat())
        with pytest.raises(QuotaUsed, match="asks to wait"):
            next(units)


def token_server(answers: list[dict[str, Any]], good: Callable[[dict[str, str]], bool]) -> Say:
    """A server with a token endpoint, and things for those whose headers are good."""

    def say(path: str, query: dict[str, str], asked: Any) -> Answer:
        if path == "/token":
            return answered(200, answers.pop(0)) if answers else answered(400, {"error": "invalid_grant"})
        return answered(200, {"rows": ALL}) if good(asked[2]) else answered(401, {"error": "expired"})

    return say


@pytest.mark.parametrize(
    ("auth", "sent"),
    [
        (ClientCredentials("{url}/token", "{user}", "{secret}", scope="read"), {"grant_type": "client_credentials", "client_id": "me", "scope": "read"}),
        (RotatingRefresh("{url}/token", "{user}", "x", refresh_token="{secret}"), {"grant_type": "refresh_token", "refresh_token": "CANARY-made"}),
        (Session("{url}/token", {"login": "{user}", "password": "{secret}"}, place="access_token"), {"login": "me"}),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_tokens_are_obtained_used_and_renewed_once(auth: Auth, sent: dict[str, str], tmp_path: Path) -> None:
    tokens = [{"access_token": "one-token", "expires_in": 3600, "refresh_token": "r2"}, {"access_token": "two-token", "expires_in": 3600, "refresh_token": "r3"}]
    say = token_server(list(tokens), lambda headers: headers.get("Authorization") == "Bearer two-token")
    with opened(say, tmp_path, auth) as (server, source, stream):
        assert rows_of(source, stream, tmp_path) == ALL
        assert sent.items() <= server.asked[0][3].items()
        assert [path for path, *_ in server.asked] == ["/token", "/things", "/token", "/things"]
        server.time.turn(4000)
        with pytest.raises(AuthFailed, match="connect auth"):
            rows_of(source, stream, tmp_path)
        assert source.client.clean("one-token two-token") == "*** ***"


def test_a_rotated_token_is_kept_before_it_is_used_and_found_by_the_next_process(tmp_path: Path) -> None:
    used: list[str] = []

    def say(path: str, query: dict[str, str], asked: Any) -> Answer:
        if path == "/token":
            used.append(asked[3]["refresh_token"])
            return answered(200, {"access_token": f"access-{len(used)}", "expires_in": 3600, "refresh_token": f"rotated-{len(used)}"})
        return Answer(200, b"", is_dropped=True)  # the process would die here

    store = tmp_path / "tokens" / "made.json"
    for _ in range(2):
        with opened(say, tmp_path, RotatingRefresh("{url}/token", "{user}", "x", refresh_token="{secret}")) as (_, source, stream):
            with pytest.raises(Exception, match=r"no connection|broke off"):
                rows_of(source, stream, tmp_path)
            assert json.loads(store.read_text(encoding="utf-8"))["refresh_token"] == f"rotated-{len(used)}"
    assert used == ["CANARY-made", "rotated-1"]
    assert stat.S_IMODE(store.stat().st_mode) == 0o600
    store.chmod(0o644)
    with pytest.raises(BadOptions, match="chmod 600"):
        TokenStore(store).read()


def test_two_processes_do_not_use_up_one_token(tmp_path: Path) -> None:
    store = TokenStore(tmp_path / "t.json")
    count = "import json,sys; from pathlib import Path; from connectors.api.tokens import TokenStore\ns = TokenStore(Path(sys.argv[1]))\nfor _ in range(50):\n with s.locked():\n  s.write({'n': s.read().get('n', 0) + 1})"
    with ThreadPoolExecutor(2) as both:
        assert [done.returncode for done in both.map(lambda _: python(count, store.path), range(2))] == [0, 0]
    assert store.read() == {"n": 100}


def test_a_signed_assertion_is_exchanged(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    say = token_server([{"access_token": "from-jwt"}], lambda headers: headers.get("Authorization") == "Bearer from-jwt")
    with opened(say, tmp_path, JwtBearer("{url}/token", "{user}", pem, subject="admin@acme.example", scope="read")) as (server, source, stream):
        assert rows_of(source, stream, tmp_path) == ALL
        claims = json.loads(base64.urlsafe_b64decode(server.asked[0][3]["assertion"].split(".")[1] + "=="))
        assert (claims["iss"], claims["sub"], claims["scope"], claims["aud"]) == ("me", "admin@acme.example", "read", server.address + "/token")
        assert claims["iat"] == int(NOON.timestamp())


def test_oauth_1_signs_with_sha_256(tmp_path: Path) -> None:
    say = token_server([], lambda headers: 'oauth_signature_method="HMAC-SHA256"' in headers.get("Authorization", "") and 'realm="acme"' in headers["Authorization"])
    with opened(say, tmp_path, OAuth1("{user}", "{secret}", "token", "token-secret", realm="acme")) as (_, source, stream):
        assert rows_of(source, stream, tmp_path) == ALL


def test_the_first_way_whose_options_are_given_is_taken(tmp_path: Path) -> None:
    both = Either((Basic("{user}", "{nothing}", ("nothing",)), Key("X-Key", "{secret}", ("secret",))))
    say = token_server([], lambda headers: headers.get("X-Key") == "CANARY-made")
    with opened(say, tmp_path, both) as (_, source, stream):
        assert rows_of(source, stream, tmp_path) == ALL
    with pytest.raises(BadOptions, match="nothing"), opened(say, tmp_path, Either((Basic("a", "b", ("nothing",)),))):
        pass


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120), ("0", 0), ("Thu, 05 Mar 2026 12:01:00 GMT", 60), (str(int(NOON.timestamp()) + 90), 90), (str((int(NOON.timestamp()) + 90) * 1000), 90),
        ("2026-03-05T12:15Z", 900), ("2026-03-05T11:00:00+00:00", 0), ("soon", None), ("", None),
    ],
)  # fmt: skip
def test_a_wait_is_understood_in_each_form(text: str, seconds: float | None) -> None:
    assert seconds_until(text, NOON) == seconds


def test_a_budget_spaces_requests_and_a_total_ends_the_waiting() -> None:
    time = Turned()
    pace = Pace(Budget(per_minute=60, reserve=0.5), time.clock, total=1000)
    for _ in range(90):
        pace.take()
    assert 160 <= (time.at - NOON).total_seconds() <= 180  # 30 a minute, a few of them at once
    with pytest.raises(QuotaUsed, match="1,000 s"):
        pace.wait(5000)
    pace.heed({})
    limited = Pace(Budget(), time.clock, total=10, limit=2)
    limited.take()
    limited.take()
    with pytest.raises(QuotaUsed, match="2 requests"):
        limited.take()


JSON = some.recursive(some.none() | some.booleans() | some.integers() | some.text(max_size=5), lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=3), inner, max_size=3), max_leaves=8)


@given(some.lists(some.dictionaries(some.text(max_size=4), JSON, max_size=4), max_size=4), some.sampled_from([None, 1, 2]), some.dictionaries(some.sampled_from(["a", "next"]), JSON))
def test_slices_are_the_records_as_they_stand(rows: list[Any], indent: int | None, beside: dict[str, Any]) -> None:
    for path, body in (("", rows), ("r", {**beside, "r": rows, "z": 1}), ("x.r", {"x": {"r": rows, "t": 2}, **beside})):
        texts, values, envelope = sliced(json.dumps(body, indent=indent), path)
        assert values == rows
        assert [json.loads(text) for text in texts] == rows
        assert all("\n" not in text for text in texts)
        assert not path or beside.items() <= envelope.items()
        for text, value in zip(texts, values, strict=True):
            assert json.loads(without(text, frozenset({"a"}))) == {name: inner for name, inner in value.items() if name != "a"}
            assert json.loads(added(text, {"_p": 'q"'})) == {"_p": 'q"', **value}


@pytest.mark.parametrize(
    ("text", "error"),
    [('{"r": [1.50', ValueError), ('{"r": [{}]} x', ValueError), ('{"r": [{},]}', ValueError), ('{"r" [{}]}', ValueError), ('{"s": []}', NoList), ('{"r": {}}', NoList), ("[]", NoList),
     ("", ValueError), ('{"r": ' + "[" * 100_000, ValueError), ('{"r": null}', NoList), ('{"r": [],}', ValueError)],
)  # fmt: skip
def test_what_is_no_list_of_records_is_an_error(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        sliced(text, "r")


def test_numbers_stay_as_they_are_written() -> None:
    texts, _, _ = sliced('{"rows": [{"id": 12345678901234567890, "amount": 10.50, "rate": 1E-7}]}', "rows")
    assert texts == ['{"id": 12345678901234567890, "amount": 10.50, "rate": 1E-7}']


@pytest.mark.parametrize(
    ("cursor", "moment", "text"),
    [
        (Cursor("at"), "2026-03-05T12:00:00.900+00:00", "2026-03-05T12:00:00Z"),
        (Cursor("at", query="epoch"), "2026-03-05T12:00:00.900+00:00", "1772712000"),
        (Cursor("at", query="%Y-%m-%d %H:%M", query_zone="Europe/Berlin", granularity=timedelta(minutes=1)), "2026-03-05T12:00:59+00:00", "2026-03-05 13:00"),
        (Cursor("at", query="%Y-%m-%d %H:%M", query_zone="account"), "2026-03-05T12:00:59+00:00", "2026-03-05 07:00"),
        (Cursor("at", query="%Y-%m-%d", granularity=timedelta(days=1)), "2026-03-05T23:59:59+00:00", "2026-03-05"),
    ],
)
def test_an_instant_is_asked_for_and_never_later(cursor: Cursor, moment: str, text: str) -> None:
    assert cursor.ask(datetime.fromisoformat(moment), "America/New_York") == text


@given(some.integers(0, 366 * 24 * 60), some.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]))
def test_a_local_question_reaches_back_at_least_to_the_instant(minutes: int, zone: str) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    cursor = Cursor("at", query="%Y-%m-%d %H:%M", query_zone=zone, granularity=timedelta(minutes=1))
    naive = datetime.strptime(cursor.ask(moment, zone), "%Y-%m-%d %H:%M")
    for fold in (0, 1):  # however the server reads a time that occurs twice
        assert naive.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) <= moment


def test_secrets_are_taken_out_in_every_form() -> None:
    clean = Redactor(["p@ss word"])
    assert clean("p@ss word, p%40ss%20word, p%40ss+word, cEBzcyB3b3Jk") == "***, ***, ***, ***"


def test_credentials_do_not_travel_in_the_clear(tmp_path: Path) -> None:
    for url in ("http://example.org", "ftp://example.org", "https://user:pw@example.org", "https://"):
        with pytest.raises(BadOptions):
            connect(Connector("m", "M", "", "{url}", Key("X", "{secret}"), Check("me"), (Option("url", ""), Option("secret", "", secret=True)), (), (), ""),
                    {"url": url, "secret": "CANARY-made"}, TokenStore(tmp_path / "t"), Clock())  # fmt: skip


def test_a_netrc_file_is_not_consulted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login leak password leaked\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with opened(lambda *_: answered(200, {"rows": ALL}), tmp_path) as (server, source, stream):
        rows_of(source, stream, tmp_path)
        assert "Authorization" not in server.asked[0][2]


def test_the_copy_of_a_record_that_came_last_stays(tmp_path: Path) -> None:
    def say(path: str, query: dict[str, str], asked: Any) -> Answer:
        return answered(200, {"rows": [{"id": 1, "v": 1}, {"id": 2, "v": 1}, {"id": 1, "v": 2}]})

    with opened(say, tmp_path) as (_, source, stream):
        assert rows_of(source, stream, tmp_path) == [{"id": 2, "v": 1}, {"id": 1, "v": 2}]
        two = replace(stream, key=("id", "v"))
        assert len(rows_of(source, two, tmp_path)) == 3


def test_a_page_without_rows_ends_the_numbers_and_a_count_not_reached_is_told(tmp_path: Path) -> None:
    """A server that counts rows it does not show would else be asked for ever."""
    with opened(lambda path, query, asked: answered(200, {"rows": ALL[:3] if query["page"] == "1" else [], "total": 7}), tmp_path, paging=PageNumber("limit", 3, total="total")) as (server, source, stream):
        with pytest.raises(Incomplete, match="counts 7 records and gave 3"):
            rows_of(source, stream, tmp_path)
        assert len(server.asked) < 10


@pytest.mark.parametrize(("found", "said"), [({"count": 7}, ""), ({"count": 9}, "counts 9 records and gave 7"), ({"count": "many"}, "no number at count"), ({}, "no number at count")])
def test_a_count_asked_for_by_itself_must_be_reached(found: dict[str, Any], said: str, tmp_path: Path) -> None:
    def say(path: str, query: dict[str, str], asked: Any) -> Answer:
        return answered(200, found) if path.endswith("count") else by_page(path, query, asked)

    with opened(say, tmp_path, paging=NextUrl("per_page", 3), count=Count("count", path="things/count")) as (_, source, stream):
        if said:
            with pytest.raises(Incomplete, match=said):
                rows_of(source, stream, tmp_path)
        else:
            assert rows_of(source, stream, tmp_path) == ALL


def test_parameters_may_be_headers_and_fill_each_other(tmp_path: Path) -> None:
    params = {"query": "from {user} rows {start} on", "header:X-Since": "{since}", "empty": "{since}"}
    with opened(by_page, tmp_path, params=params, paging=Offset("", 3, param="{start}", begin=1, total="total", overlap=0)) as (_, source, stream):
        asked = source.filled(source.request(stream, Window(), {}))
        assert (dict(asked.params), dict(asked.headers)) == ({"query": "from me rows 1 on"}, {})
        asked = source.filled(replace(source.request(stream, Window(), {}), params={**params, "{since}": "2026-03-01", "{start}": "4"}))
        assert (dict(asked.params), dict(asked.headers)) == ({"query": "from me rows 4 on", "empty": "2026-03-01"}, {"X-Since": "2026-03-01"})


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7", "X-IA-RateLimit-Retry-After": "9"}, 7),
        ({"X-IA-RateLimit-Retry-After": "9"}, 9),
        ({"Beta-Retry-After": "3", "Retry-After": "soon"}, 3),
        ({"X-RateLimit-Reset": "2026-03-05T12:01Z"}, 60),
        ({"Retry-Afterwards": "3"}, None),
    ],
)
def test_servers_say_in_several_headers_when_to_come_back(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_wait(headers, NOON) == seconds


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"a": {"f_1" : "2026-02-09", "f_12": 1.50}}', '{"a": {"start" : "2026-02-09", "f_12": 1.50}}'),
        ('{"f_1": "f_1", "b": ["f_1"]}', '{"start": "f_1", "b": ["f_1"]}'),
        (r'{"b": "\"f_1\": 7"}', r'{"b": "\"f_1\": 7"}'),
        ("{}", "{}"),
    ],
)
def test_members_are_kept_under_the_name_that_all_sites_share(text: str, kept: str) -> None:
    assert renamed(text, {"f_1": "start"}) == kept


def behind_a_gateway(rows: int, limit: int, hidden: range, *, counts: bool) -> Say:
    """Pages by key without the header that says whether there is more; rules hide rows after the limit is applied."""

    def say(path: str, query: dict[str, str], _: Any) -> Answer:
        beyond, at = [n for n in range(1, rows + 1) if n > int(query.get("after") or 0)], int(query.get("offset") or 0)
        return answered(200, {"rows": [{"id": n} for n in beyond[at : at + limit] if n not in hidden]}, {"X-Total-Count": str(len(beyond))} if counts else {})

    return say


@pytest.mark.parametrize(
    ("rows", "hidden", "counts"),
    [(rows, range(0), counts) for rows in (0, 2, 3, 9, 10) for counts in (True, False)] + [(10, range(2, 9), True), (10, range(10, 11), True), (10, range(1, 10), True), (10, range(3, 5), False)],
)
def test_pages_by_key_reach_the_end_where_a_gateway_takes_the_link_away(rows: int, hidden: range, counts: bool, tmp_path: Path) -> None:
    paging = Keyset("limit", 3, total="header:X-Total-Count", clause="{}", offset_param="offset", more_by="link")
    with opened(behind_a_gateway(rows, 3, hidden, counts=counts), tmp_path, paging=paging, params={"after": "{after}"}, unsure_total=1) as (_, source, stream):
        assert [row["id"] for row in rows_of(source, stream, tmp_path)] == [n for n in range(1, rows + 1) if n not in hidden]


@pytest.mark.parametrize(("share", "told", "is_good"), [(0.0, 7, True), (0.0, 8, False), (0.2, 8, True), (0.2, 9, False), (1, 900, True)])
def test_a_count_may_differ_by_as_much_as_the_stream_says(share: float, told: int, is_good: bool, tmp_path: Path) -> None:
    def say(path: str, query: dict[str, str], _: Any) -> Answer:
        return answered(200, {"rows": ALL, "total": told})

    with opened(say, tmp_path, paging=Single(total="total"), unsure_total=share) as (_, source, stream):
        if is_good:
            assert rows_of(source, stream, tmp_path) == ALL
        else:
            with pytest.raises(Incomplete, match=f"counts {told} records and gave 7"):
                rows_of(source, stream, tmp_path)


@pytest.mark.parametrize(("times", "rows"), [(1, []), (2, ALL[:2]), (9, ALL[:2])])
def test_an_error_beside_records_is_an_answer_that_broke_off(times: int, rows: list[Any], tmp_path: Path) -> None:
    """ServiceNow ends a request that takes too long with status 200, some rows and the error after them."""
    left = [times]

    def say(path: str, query: dict[str, str], _: Any) -> Answer:
        left[0] -= 1
        return answered(200, {"rows": rows, "error": {"message": "Transaction cancelled"}, "status": "failure"} if left[0] >= 0 else {"rows": ALL, "error": None})

    with opened(say, tmp_path) as (_, source, stream):
        if times < 6:
            assert rows_of(source, stream, tmp_path) == ALL
        else:
            with pytest.raises(Unavailable, match=r"an error beside the records.*Transaction cancelled"):
                rows_of(source, stream, tmp_path)


@pytest.mark.parametrize(
    ("written", "kept"),
    [(r"\ud83d\ude00", "\U0001f600"), (r"\uD83D\uDE00!", "\U0001f600!"), (r"cut \ud83d", "cut \ufffd"), (r"\ude00\ud83d", "\ufffd\ufffd"), (r"\\ud83d", r"\ud83d"), (r"\\\ud83dx", "\\\ufffdx"), (r"\u00e9", "é")],
)
def test_half_a_character_does_not_reach_a_file(written: str, kept: str) -> None:
    (text,), _, _ = sliced(f'{{"r": [{{"title": "{written}"}}]}}', "r")
    assert json.loads(text)["title"] == kept
    assert kept.encode()


@pytest.mark.parametrize("number", ["NaN", "-Infinity"])
def test_what_json_does_not_have_is_a_broken_answer(number: str) -> None:
    with pytest.raises(ValueError, match="is no JSON"):
        sliced(f'{{"r": [{{"a": {number}}}]}}', "r")
