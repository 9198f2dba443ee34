"""The shipped tables of products: each name means one product, and what they refer to is there."""

import csv
import re

import pytest

from connectors.resolution.vocabulary import TABLES


def rows(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PRODUCTS, BUNDLES = rows("products.csv"), rows("bundles.csv")


def key(name: str) -> str:
    """As staging.tool_name writes names."""
    return re.sub(r"[^\w+#]+", " ", name.lower()).strip()


def test_a_name_means_one_product() -> None:
    assert len({key(row["product_name"]) for row in PRODUCTS}) == len(PRODUCTS)
    assert all(all(row.values()) for row in PRODUCTS)


@pytest.mark.parametrize("column", ["product", "family"])
def test_what_a_name_leads_to_is_named_too(column: str) -> None:
    assert {row[column] for row in PRODUCTS} <= {row["product_name"] for row in PRODUCTS}


def test_a_product_has_one_family_and_one_maker() -> None:
    assert len({row["product"] for row in PRODUCTS}) == len({(row["product"], row["family"], row["maker"]) for row in PRODUCTS})


def test_bundles_hold_known_products() -> None:
    known = {row["product_name"] for row in PRODUCTS}
    assert {row[column] for row in BUNDLES for column in ("bundle", "part")} <= known
    assert not [row for row in BUNDLES if row["bundle"] == row["part"]]


def test_distinct_products_of_a_maker_stay_distinct() -> None:
    meant = {row["product_name"]: (row["product"], row["family"]) for row in PRODUCTS}
    for one, other in (("Jira", "Confluence"), ("Jira", "Jira Service Management"), ("Microsoft Teams", "Teams Premium"), ("Adobe Sign", "Adobe Acrobat"),
                       ("GitHub Enterprise", "GitHub Copilot Business"), ("Sales Cloud", "Service Cloud")):  # fmt: skip
        assert not set(meant[one]) & set(meant[other]), (one, other)
