"""Nobody starts with 9,697 capabilities: the starter sets, the search, and what is written into a company's own file."""

import csv
import io
import json
import subprocess
import sys
from collections import Counter
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import pytest
from rapidfuzz import fuzz

from connectors import catalogue
from connectors.catalogue import ATTRIBUTION, EVERYWHERE, Capability
from connectors.reading import open_tables
from models.strategy import CAPABILITY
from pipelines import capabilities
from pipelines.capabilities import encoded, held, to_csv, write
from pipelines.cli import run
from pipelines.errors import ConfigError
from pipelines.workspace import init_workspace

ROOT = Path(__file__).parents[1]
NAMES = ("finance", "general", "health", "manufacturing", "retail", "services")
OWN_INDUSTRIES = {
    "general": {EVERYWHERE},
    "manufacturing": {"Manufacturing & Industrial"},
    "health": {"Healthcare Providers"},
    "finance": {"Banking & Capital Markets", "Insurance"},
    "retail": {"Retail & Consumer Goods"},
    "services": {"Professional Services"},
}


def wider(capability: Capability) -> list[Capability]:
    return list(catalogue.wider(capability))


def root(capability: Capability) -> str:
    return [capability, *wider(capability)][-1].name


# The starter sets


def test_there_is_a_set_for_each_kind_of_business() -> None:
    assert catalogue.starters() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_set_is_short_and_stands_in_the_catalogue(name: str) -> None:
    ids = catalogue.starter_ids(name)
    assert 25 <= len(ids) <= 40
    assert [i for i, times in Counter(ids).items() if times > 1] == []
    assert [i for i in ids if catalogue.find(i) is None] == []
    assert tuple(c.capability_id for c in catalogue.starter(name)) == ids
    assert [c.capability_id for c in catalogue.starter(name) if c.is_deprecated] == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_there_twice(name: str) -> None:
    """Neither a capability with a part of it, which would count its money at two places, nor two that sound alike."""
    chosen = catalogue.starter(name)
    ids = {c.capability_id for c in chosen}
    assert [(c.capability_id, w.capability_id) for c in chosen for w in wider(c) if w.capability_id in ids] == []
    shortened = [c.name.removesuffix(" Management") for c in chosen]
    assert [pair for pair in combinations(shortened, 2) if fuzz.token_sort_ratio(*pair) >= 90] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_set_is_about_the_business_at_one_height(name: str) -> None:
    chosen = catalogue.starter(name)
    assert sum(c.level == 2 for c in chosen) >= len(chosen) * 0.8
    assert len({root(c) for c in chosen}) >= 15
    assert {c.industry for c in chosen} <= {EVERYWHERE} | OWN_INDUSTRIES[name]
    assert sum(c.industry in OWN_INDUSTRIES[name] for c in chosen) >= 8
    assert all(c.description and c.name for c in chosen)


@pytest.mark.parametrize(
    ("area", "at_least"),
    [("Information Technology Management", 4), ("Cybersecurity Management", 3), ("Financial Management", 2), ("Human Capital Management", 1),
     ("Information & Data Management", 1), ("Business Continuity Management", 1), ("Compliance Management", 1)],
)  # fmt: skip
def test_what_every_business_needs_is_in_every_set(area: str, at_least: int) -> None:
    common = set.intersection(*(set(catalogue.starter(name)) for name in NAMES))
    assert sum(root(c) == area for c in common) >= at_least


def test_most_of_a_set_for_an_industry_is_not_the_general_one() -> None:
    general = set(catalogue.starter_ids("general"))
    for name in set(NAMES) - {"general"}:
        own = set(catalogue.starter_ids(name))
        assert len(own & general) < len(own) * 0.7, name


def test_an_unknown_set_is_an_error_that_lists_the_known() -> None:
    with pytest.raises(LookupError, match=r"'bakery'; there are finance, general"):
        catalogue.starter("bakery")


# The catalogue


def test_the_catalogue_is_whole() -> None:
    found = catalogue.catalogue()
    assert len(found) == 9697
    assert [c for c in found.values() if c.parent_id and c.parent_id not in found] == []
    assert [c for c in found.values() if "\n" in c.description or not c.name] == []


def test_find() -> None:
    found = catalogue.find("BC-200.20")
    assert found is not None
    assert (found.name, found.parent_id, found.level, found.industry) == ("Accounts Payable Management", "BC-200", 2, EVERYWHERE)
    assert [w.name for w in catalogue.wider(found)] == ["Financial Management"]
    assert catalogue.find("own-17") is None


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("payroll", "BC-300.70.20"),
        ("PAYROLL administration", "BC-300.70.20"),
        ("backup", "BC-160.20.20"),
        ("backups", "BC-160.20.20"),
        ("software licence", "BC-600.70.30"),
        ("software license", "BC-600.70.30"),
        ("labor", "BC-300.80"),
        ("identity acess", "BC-620.20"),
        ("tax", "BC-220"),
        ("threat detection", "BC-620.30"),
        ("collaboration", "BC-830.30"),
        ("R&D", "BC-810.40"),
    ],
)
def test_search_finds_what_is_meant(words: str, first: str) -> None:
    assert catalogue.search(words)[0].capability_id == first


def test_search_reads_descriptions_and_wider_names_too() -> None:
    assert "BC-300.70" in [c.capability_id for c in catalogue.search("payroll")]  # payroll stands in its description
    assert "BC-200.10.40" in [c.capability_id for c in catalogue.search("financial close")]  # Period-End Close, part of Financial Management


def test_search_is_kept_to_an_industry_and_a_limit() -> None:
    found = catalogue.search("claims", industry="insurance", limit=3)
    assert len(found) == 3
    assert {c.industry for c in found} == {"Insurance"}
    assert len(catalogue.search("management")) == 20


@pytest.mark.parametrize("words", ["", "   ", "&", "zzzzqqq"])
def test_search_finds_nothing_for_nothing(words: str) -> None:
    assert catalogue.search(words) == ()


def test_search_is_the_same_whatever_the_order_of_words() -> None:
    assert catalogue.search("supplier risk") == catalogue.search("risk supplier")


def test_the_attribution_says_what_the_licence_asks() -> None:
    facts = json.loads((files("turbo_ea_capabilities") / "data" / "version.json").read_text(encoding="utf-8"))
    for asked in ("Turbo EA Capabilities by Vincent Verdet", "https://github.com/vincentmakes/turbo-ea-capabilities", "CC BY 4.0"):
        assert asked in facts["attribution"]
        assert asked in ATTRIBUTION
    assert facts["license_url"] in ATTRIBUTION


def test_no_other_command_waits_for_the_catalogue() -> None:
    code = "import sys; from pipelines.cli import run; run(['capabilities']); print('turbo_ea_capabilities' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.split()[-1] == "False"


@pytest.mark.parametrize("module", [catalogue, capabilities])
def test_the_code_knows_no_form_of_ids(module: object) -> None:
    assert "BC-" not in Path(str(module.__file__)).read_text(encoding="utf-8")  # type: ignore[attr-defined]


# The command


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_command_alone_names_the_sets(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["capabilities"]) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines()] == list(NAMES)
    assert run(["capabilities", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == [{"list": name, "capabilities": len(catalogue.starter_ids(name))} for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_a_list_is_a_file_for_the_workspace(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["capabilities", "--list", name.upper()]) == 0
    printed = capsys.readouterr()
    assert printed.err.strip() == ATTRIBUTION
    assert printed.out.partition("\n")[0] == "capability_id,name,parent_id,description,is_critical,business_owner_id,it_owner_id,rto_hours,rpo_hours"
    empty = dict.fromkeys(CAPABILITY.names, "")
    expected = [
        {**empty, "capability_id": c.capability_id, "name": c.name, "parent_id": c.parent_id or "", "description": c.description}
        for c in catalogue.starter(name)
    ]
    assert rows(printed.out) == expected


def test_a_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["capabilities", "--list", "general", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [tuple(entry) for entry in told] == [CAPABILITY.names] * len(told)
    assert [entry["capability_id"] for entry in told] == list(catalogue.starter_ids("general"))
    assert {entry["is_critical"] for entry in told} == {None}


def test_matches_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["capabilities", "--search", "payroll"]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0] == "BC-300.70.20   Payroll Administration (in HR Operations Management, Cross-Industry)"
    assert printed.err.strip() == ATTRIBUTION
    assert run(["capabilities", "--search", "claims", "--industry", "insurance", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {entry["industry"] for entry in told} == {"Insurance"}
    assert set(told[0]) == {"capability_id", "name", "parent_id", "level", "description", "industry"}


def test_no_match_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["capabilities", "--search", "zzzzqqq", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == []
    assert "Nothing in the catalogue fits 'zzzzqqq'" in printed.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--list", "manufactoring"], "There is no list 'manufactoring'. Did you mean manufacturing? There are finance, general"),
        (["--list", "xyz"], "There is no list 'xyz'. There are finance, general"),
        (["--list", "general", "--search", "x"], "--list or --search, not both"),
        (["--write"], "Say which set is written"),
        (["--search", "payroll", "--write"], "Say which set is written"),
        (["--industry", "insurance"], "--industry goes with --search"),
        (["--search", "x", "--industry", "piracy"], "knows no industry 'piracy'. It knows Agriculture"),
    ],
)
def test_what_makes_no_sense_is_said(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["capabilities", *arguments]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.out == ""


# The company's own file


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    init_workspace(tmp_path, "Acme")
    return tmp_path


def read(file: Path) -> list[dict[str, str | None]]:
    """A file as a refresh reads it."""
    (reading,) = open_tables(file)
    return [dict(zip(reading.layout.header, record.values, strict=True)) for record in reading.records()]


def test_write_fills_the_empty_file_of_a_new_workspace(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = workspace / "strategy" / "capabilities.csv"
    assert run(["capabilities", "--list", "retail", "--write", "-C", str(workspace)]) == 0
    printed = capsys.readouterr()
    size = len(catalogue.starter("retail"))
    assert printed.out == ""
    assert f"{size} capabilities were added to {file}; 0 of the list were there already." in printed.err
    assert ATTRIBUTION in printed.err
    assert file.read_text(encoding="utf-8") == to_csv(catalogue.starter("retail"))
    assert [entry["name"] for entry in read(file)] == [c.name for c in catalogue.starter("retail")]


def test_write_twice_changes_nothing(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["capabilities", "--list", "health", "--write", "-C", str(workspace)]) == 0
    file = workspace / "strategy" / "capabilities.csv"
    before = file.read_bytes()
    capsys.readouterr()
    assert run(["capabilities", "--list", "health", "--write", "--json", "-C", str(workspace)]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(file), "added": [], "present": len(catalogue.starter("health"))}
    assert file.read_bytes() == before


def test_a_second_list_adds_what_is_new(workspace: Path) -> None:
    write(workspace, catalogue.starter("general"))
    done = write(workspace, catalogue.starter("services"))
    general, services = catalogue.starter_ids("general"), catalogue.starter_ids("services")
    assert done.added == tuple(i for i in services if i not in general)
    assert done.present == len(set(general) & set(services))
    assert [entry["capability_id"] for entry in read(done.file)] == [*general, *done.added]


OWN = "name;it_owner_id;Capability ID;wichtig\nRöntgen;cio;own-1;ja\nUnser Einkauf;;BC-500.40;nein"
"""A company's own file: other columns in another order, own ids, one of the catalogue's with another name, no last line end."""


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("ending", ["", "\n"])
def test_write_keeps_every_byte_and_the_files_own_form(workspace: Path, encoding: str, line_end: str, ending: str) -> None:
    file = workspace / "strategy" / "capabilities.csv"
    before = (OWN + ending).replace("\n", line_end).encode(encoding)
    file.write_bytes(before)
    done = write(workspace, catalogue.starter("general"))
    assert done.file == file
    assert done.present == 1
    assert file.read_bytes().startswith(before)
    found = read(file)
    assert list(found[0]) == ["name", "it_owner_id", "Capability ID", "wichtig"]
    assert [entry["name"] for entry in found[:2]] == ["Röntgen", "Unser Einkauf"]
    added = [c for c in catalogue.starter("general") if c.capability_id != "BC-500.40"]
    assert [(entry["Capability ID"], entry["name"], entry["it_owner_id"] or "", entry["wichtig"] or "") for entry in found[2:]] == [
        (c.capability_id, c.name, "", "") for c in added
    ]
    assert file.read_bytes().decode(encoding).count(line_end) == 3 + len(added)


def test_write_follows_the_bare_name_where_only_that_is_there(workspace: Path) -> None:
    usual = workspace / "strategy" / "capabilities.csv"
    bare = usual.rename(usual.with_name("capability.csv"))
    assert write(workspace, catalogue.starter("general")).file == bare
    assert not usual.exists()
    assert len(read(bare)) == len(catalogue.starter("general"))


@pytest.mark.parametrize("content", [None, b"", b"\n"], ids=["absent", "empty", "blank"])
def test_write_makes_the_file(workspace: Path, content: bytes | None) -> None:
    file = workspace / "strategy" / "capabilities.csv"
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    write(workspace, catalogue.starter("finance"))
    assert file.read_text(encoding="utf-8") == to_csv(catalogue.starter("finance"))
    assert [p.name for p in file.parent.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id,name\n1,Buying\n", "line 1: the column capability_id is missing"),
        ("capability_id,description\n1,Buying\n", "line 1: the column name is missing"),
        ("capability_id,name\n1,Buying\n2,Sell,ing\n", "line 3"),
    ],
)
def test_a_file_that_can_not_be_read_is_left_alone(workspace: Path, content: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = workspace / "strategy" / "capabilities.csv"
    file.write_text(content, encoding="utf-8")
    assert run(["capabilities", "--list", "general", "--write", "-C", str(workspace)]) == 3
    told = capsys.readouterr().err
    assert said in told
    assert "Nothing was written." in told
    assert file.read_text(encoding="utf-8") == content


def test_a_letter_that_the_file_can_not_hold_is_an_error(workspace: Path) -> None:
    file = workspace / "strategy" / "capabilities.csv"
    file.write_bytes("capability_id,name\n1,Büro\n".encode("cp1252"))
    layout, present = held(file)
    assert present == {"1"}
    arrow = Capability("own-2", "Order → cash", None, 1, "", EVERYWHERE)
    with pytest.raises(ConfigError, match=r"cp1252, which has no '→'\. Save it as UTF-8"):
        encoded(file, layout, file.read_bytes(), [arrow])


def test_write_needs_a_workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["capabilities", "--list", "general", "--write", "-C", str(tmp_path)]) == 3
    assert "plumbline init" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
