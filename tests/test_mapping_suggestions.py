"""Which capability a tool may be for: suggestions with reasons, sure only where they can be."""

import csv
import random
import subprocess
import sys
from pathlib import Path

import pytest
from small import ROOT

from connectors.purpose import Goal, Subject, suggest
from connectors.purpose.named import product_in, products
from connectors.purpose.reading import TABLES, areas, purposes, told_by, words
from pipelines.bench import mapping as bench
from pipelines.settings import THRESHOLDS

GOALS = (
    Goal("ledger", "General Ledger Management"),
    Goal("payables", "Accounts Payable Management"),
    Goal("pipeline", "Opportunity & Pipeline Management"),
    Goal("people", "HR Operations Management"),
    Goal("desk", "IT Service Management", "Incidents, requests and changes."),
    Goal("access", "Identity & Access Management"),
    Goal("threats", "Threat Detection & Response Management"),
    Goal("talk", "Knowledge Sharing & Collaboration Management"),
    Goal("design", "Product Design Management"),
    Goal("projects", "Project Management"),
    Goal("reports", "Analytics & BI Management"),
)
SURE = float(THRESHOLDS["mapping_accept_confidence"])


def best(*subjects: Subject, decided: dict[str, dict[str, float]] | None = None) -> list[str]:
    return [found[0].capability_id if found else "" for found in suggest(subjects, GOALS, decided or {}).values()]


@pytest.mark.parametrize(
    ("name", "category", "description", "capability"),
    [
        ("Kundenbuch", "CRM", "", "pipeline"),
        ("Foxwise", "ITSM", "", "desk"),
        ("Foxwise", "", "Single sign-on for all staff", "access"),
        ("Foxwise", "EDR", "", "threats"),
        ("Foxwise", "Lohn und Gehalt", "", "people"),
        ("Foxwise", "", "Reads supplier invoices", "payables"),
        ("Okta Workforce Identity", "", "", "access"),
        ("Microsoft Power BI Pro", "", "", "reports"),
        ("SOLIDWORKS Premium", "", "", "design"),
        ("Foxwise", "", "Kanban boards for projects", "projects"),
    ],
)
def test_category_description_or_a_known_name_tells(name: str, category: str, description: str, capability: str) -> None:
    assert best(Subject("t", name, category, description)) == [capability]


@pytest.mark.parametrize("name", ["Board minutes", "Front row", "Close of business", "Foxwise", "", "=cmd()", "日本語"])
def test_nothing_is_suggested_where_nothing_speaks_for_it(name: str) -> None:
    assert best(Subject("t", name)) == [""]


def test_design_of_pictures_is_not_design_of_products() -> None:
    (found,) = suggest([Subject("t", "Adobe Creative Cloud", "Design", "Brochures and pictures")], GOALS, {}).values()
    assert all(s.confidence < SURE for s in found)


@pytest.mark.parametrize(
    ("name", "vendor", "purpose"),
    [
        ("Power BI", None, "bi"), ("Microsoft Power BI", "Microsoft", "bi"), ("Board", None, "planning"), ("Board minutes", None, None),
        ("Slack Business", "Slack", "collaboration"), ("Slack Enterprise Select", None, "collaboration"), ("TravisCI", None, "ci"), ("Monday", None, "project"),
        ("Microsoft Entra ID (Azure AD)", None, "identity"), ("Dassault SOLIDWORKS 2024", None, "cad"), ("A plugin for Slack", None, None),
        ("Jira Software Cloud Premium", "Atlassian", "project"), ("Foxwise", None, None),
    ],
)  # fmt: skip
def test_a_product_is_known_by_its_whole_name_or_a_name_that_is_no_common_word(name: str, vendor: str | None, purpose: str | None) -> None:
    found = product_in(name, vendor)
    assert (found[0].purpose if found else None) == purpose


def test_a_product_may_serve_several_purposes_the_main_one_first() -> None:
    purposes_of = [found.purpose for found in product_in("HubSpot", None)]
    assert purposes_of[0] == "sales"
    assert "marketing" in purposes_of
    strengths = [found.strength for found in product_in("HubSpot", None)]
    assert strengths[0] > strengths[1]


def test_behind_the_name_of_a_maker_of_many_things_comes_what_it_is() -> None:
    (weak, *_), (plain, *_) = product_in("Google Fernweh", None), product_in("Google Drive", None)
    assert weak.strength < plain.strength / 2
    assert plain.purpose == "document"


WIDE = (Goal("money", "Finance & ERP"), Goal("people", "HR"), Goal("safe", "Security & Compliance"), Goal("selling", "Sales & Marketing"), Goal("code", "Developer Tools"))
GERMAN = (Goal("money", "Rechnungswesen"), Goal("people", "Personalwesen"), Goal("buying", "Beschaffungsmanagement"), Goal("customers", "Kundenmanagement"))
FRENCH = (Goal("money", "Comptabilité générale"), Goal("people", "Gestion des ressources humaines"), Goal("buying", "Gestion des achats"), Goal("customers", "Relation client"))


@pytest.mark.parametrize(
    ("goals", "name", "category", "capability"),
    [
        (WIDE, "Foxwise", "Expense management", "money"), (WIDE, "Foxwise", "Payroll", "people"), (WIDE, "Foxwise", "Vulnerability scanner", "safe"),
        (WIDE, "Foxwise", "CRM", "selling"), (WIDE, "Jenkins", "", "code"),
        (GERMAN, "Foxwise", "General ledger", "money"), (GERMAN, "Personio", "", "people"), (GERMAN, "Foxwise", "Purchasing", "buying"), (GERMAN, "Foxwise", "CRM", "customers"),
        (FRENCH, "Foxwise", "General ledger", "money"), (FRENCH, "Foxwise", "HRIS", "people"), (FRENCH, "Foxwise", "Purchasing", "buying"), (FRENCH, "Foxwise", "CRM", "customers"),
    ],
)  # fmt: skip
def test_wide_fields_and_german_and_french_names_are_reached(goals: tuple[Goal, ...], name: str, category: str, capability: str) -> None:
    (found,) = suggest([Subject("t", name, category)], goals, {}).values()
    assert found[0].capability_id == capability


def test_a_capability_of_its_own_name_comes_before_the_field_it_lies_in() -> None:
    (found,) = suggest([Subject("t", "Foxwise", "Payroll")], (Goal("a", "Human Resources"), Goal("b", "Payroll Management")), {}).values()
    assert [s.capability_id for s in found] == ["b", "a"]


def test_a_description_may_liken_it_to_a_product() -> None:
    assert best(Subject("t", "Foxwise", "", "Free alternative to ServiceNow")) == ["desk"]


def test_open_source_is_no_sourcing() -> None:
    assert {found.purpose for found in told_by("open source")} == set()


@pytest.mark.parametrize("name", ["Jira Software", "Okta", "Payroll", "Single sign-on portal"])
def test_a_name_alone_is_never_sure_enough(name: str) -> None:
    (found,) = suggest([Subject("t", name)], GOALS, {}).values()
    assert found
    assert found[0].confidence < SURE


def test_of_phrases_within_each_other_only_the_longest_counts() -> None:
    assert {found.phrase for found in told_by("IT service management")} == {"it service management"}


@pytest.mark.parametrize(("one", "other"), [("recruiting", "recruitment"), ("personalised", "personalization"), ("licences", "license"), ("Geräte", "gerate")])
def test_forms_of_a_word_are_one(one: str, other: str) -> None:
    assert words(one) == words(other)


@pytest.mark.parametrize(("one", "other"), [("product", "production"), ("market", "marketing"), ("book", "booking"), ("local", "localization"), ("train", "training")])
def test_forms_that_mean_something_else_are_told_apart(one: str, other: str) -> None:
    assert words(one) != words(other)


def test_what_a_thing_is_counts_more_than_what_is_done_with_it() -> None:
    goals = (Goal("pay", "Payroll"), Goal("projects", "Project Management"))
    for text, first in (("A salary program for kanban teams", "pay"), ("Kanban boards for the salary office", "projects")):
        (found,) = suggest([Subject("t", "Foxwise", "", text)], goals, {}).values()
        assert found[0].capability_id == first


def test_a_word_that_stands_in_many_descriptions_tells_less() -> None:
    weak, plain = told_by("website")[0].strength, told_by("cms")[0].strength
    assert weak < plain / 2


def test_three_readings_are_shown_before_three_capabilities_of_one_word() -> None:
    goals = (Goal("a", "Cloud Hosting"), Goal("b", "Cloud Hosting Services"), Goal("c", "Hosting Infrastructure Services"), Goal("d", "Backup"))
    (found,) = suggest([Subject("t", "Foxwise", "Hosting", "with backup")], goals, {}).values()
    assert "d" in {s.capability_id for s in found}


def test_what_people_mapped_is_an_example_for_what_is_like_it() -> None:
    mapped, new = Subject("a", "Altfuchs", "Whatsit"), Subject("b", "Neufuchs", "Whatsit")
    assert best(mapped, new, decided={"a": {"projects": 1.0}}) == ["projects"]
    assert "like Altfuchs, which is mapped there" in suggest([mapped, new], GOALS, {"a": {"projects": 1.0}})["b"][0].reason


def test_a_decision_is_never_suggested_over() -> None:
    assert suggest([Subject("a", "Foxwise", "CRM")], GOALS, {"a": {"desk": 1.0}}) == {}


def test_a_decision_for_a_capability_that_is_gone_counts_for_nothing() -> None:
    assert best(Subject("a", "Altfuchs", "Whatsit"), Subject("b", "Neufuchs", "Whatsit"), decided={"a": {"gone": 1.0}}) == [""]


def test_suggestions_are_three_at_most_ranked_and_say_why() -> None:
    (found,) = suggest([Subject("t", "Foxwise", "CRM", "Leads, tickets, projects, reports and single sign-on")], GOALS, {}).values()
    assert [s.rank for s in found] == [1, 2, 3]
    assert found[0].confidence >= found[1].confidence >= found[2].confidence > 0
    assert "its category says «crm»" in found[0].reason


def test_tickets_and_departments_tell_by_purpose_and_less_than_the_category() -> None:
    assert best(Subject("t", "Foxwise", texts=("Payroll run stopped",), units=("HR",))) == ["people"]
    assert best(Subject("t", "Foxwise", "Single sign-on", texts=("Payroll run stopped",))) == ["access"]


def test_any_order_of_rows_gives_the_same() -> None:
    company = bench.sample()
    decided = {name: dict.fromkeys(sorted(chosen), 1.0) for name, chosen in company.truth.items()}
    once = suggest(company.tools, company.goals, decided)
    shuffled = random.Random(3)
    tools, goals = shuffled.sample(company.tools, len(company.tools)), shuffled.sample(company.goals, len(company.goals))
    assert suggest(tools, goals, dict(reversed(decided.items()))) == once


@pytest.mark.parametrize("with_examples", [False, True])
def test_in_the_sample_company_the_chosen_capability_is_among_three_and_what_is_sure_is_right(with_examples: bool) -> None:
    company = bench.sample()
    found = bench.answers(company, with_examples)
    among = [name for name, three in found.items() if any(s.capability_id in company.truth[name] for s in three)]
    sure = [name for name, three in found.items() if three and three[0].confidence >= SURE]
    assert len(among) / len(found) >= 0.85
    assert len(sure) >= 10
    assert sum(found[name][0].capability_id in company.truth[name] for name in sure) / len(sure) >= 0.95


def test_labels_of_others_are_read_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / "x.capabilities.csv").write_text("capability_id,name,parent_id,description\na,Money,,\nb,Payroll,a,\n")
    (tmp_path / "x.tools.csv").write_text("name,category,description,annual_amount,capability_ids\nFoxwise,,Payroll for all,10,b\n")
    told = bench.told(bench.labelled(tmp_path, "x"), False, SURE)
    assert told.startswith("x, no examples: 1 tools, top-3 recall 1.000 (1.000 by money)")


def test_the_tables_are_sorted_out() -> None:
    with (TABLES / "products.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {purpose for row in rows for purpose in row["purpose"].split("; ")} <= set(purposes())
    assert {purpose for area in areas() for purpose in area.purposes} <= set(purposes())
    assert [row["product"].casefold() for row in rows] == sorted({row["product"].casefold() for row in rows})
    assert all(len(row["purpose"].split("; ")) <= 3 for row in rows)
    assert len(products()) > 1000
    assert all(purpose.phrases and purpose.served for purpose in purposes().values())


def test_it_needs_no_heavy_library() -> None:
    code = "import sys; from connectors.purpose import *; suggest([Subject('t', 'x', 'CRM')], [Goal('c', 'Sales')], {}); print({'sklearn', 'scipy', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
