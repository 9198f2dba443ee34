"""Google leaves a list out where it has no entries."""

import json

import pytest

from connectors.systems.google_workspace import with_list


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ('{"kind": "admin#directory#tokenList", "etag": "x"}', {"kind": "admin#directory#tokenList", "items": [], "etag": "x"}),
        ('{\n "kind": "admin#directory#users"\n}', {"kind": "admin#directory#users", "users": []}),
        ('{"kind": "licensing#licenseAssignmentList", "items": [{"kind": "licensing#licenseAssignment"}]}', None),
        ('{"error": {"code": 403}}', None),
        ('{"status": "fine"}', None),
        ("not JSON", None),
    ],
)
def test_a_list_that_is_left_out_is_empty_and_nothing_else_is(body: str, read: dict[str, object] | None) -> None:
    assert (with_list(body) == body) if read is None else (json.loads(with_list(body)) == read)
