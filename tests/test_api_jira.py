"""Which field of a Jira site tells when an epic is to begin: sites make it anew, under ids of their own."""

import json
from pathlib import Path
from typing import Any

import pytest
from api_reader import reader

from connectors.api.errors import ApiError, BadOptions, Incomplete


def dated(number: int, name: str = "Start date", kind: str = "date", **more: str) -> dict[str, Any]:
    return {"id": f"customfield_{number}", "name": name, "custom": True, "schema": {"type": kind}, **more}


@pytest.mark.parametrize(
    ("fields", "named", "asked"),
    [
        ([dated(10122), dated(10130, "Target start")], "", "customfield_10122"),
        ([dated(10122, kind="string"), dated(10131, kind="datetime")], "", "customfield_10131"),
        ([dated(10122, "Startdatum", untranslatedName="Start date")], "", "customfield_10122"),
        ([dated(10122), dated(10015)], "", "customfield_10015"),
        ([dated(10122), dated(10123)], "customfield_10140", "customfield_10140"),
        ([{"id": "summary", "name": "Summary"}], "", "customfield_10015"),
    ],
)
def test_the_start_of_an_epic_is_found_by_its_name_or_named(tmp_path: Path, fields: list[dict[str, Any]], named: str, asked: str) -> None:
    with reader("jira", tmp_path) as pulled:
        manner = pulled.server.manner
        manner["also"]["field"] = fields
        manner["streams"]["epics"]["when"] = {"jql": "^issuetype = Epic"}
        manner["streams"]["epics"]["record"]["fields"][asked] = "2026-02-09"
        pulled.server.put("epics", 7)
        pulled.read("epics", source=pulled.source(pulled.options | {"start_field": named}))
        assert {query["fields"] for path, query, _ in pulled.server.seen if path == "search/jql"} - {"key"} == {f"summary,project,status,assignee,duedate,{asked},statuscategorychangedate,resolutiondate,updated"}
        assert sum(path == "field" for path, *_ in pulled.server.seen) == (not named)
        kept = [json.loads(line) for path in pulled.files["epics"] for line in path.read_text(encoding="utf-8").splitlines()]
        assert [one["fields"]["start_date"] for one in kept] == ["2026-02-09"] * 7


@pytest.mark.parametrize(
    ("fields", "error", "said"),
    [([dated(10122), dated(10123)], BadOptions, "several fields called «Start date» .customfield_10122, customfield_10123."), ({"errorMessages": ["no"]}, Incomplete, "no list of fields")],
)
def test_a_field_that_is_not_sure_is_not_guessed(tmp_path: Path, fields: Any, error: type[ApiError], said: str) -> None:
    with reader("jira", tmp_path) as pulled:
        pulled.server.manner["also"]["field"] = fields
        with pytest.raises(error, match=said):
            pulled.read("epics")
        pulled.read("issues")
