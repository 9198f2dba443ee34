"""Which well-known product a name means, and what that is for.

`products.csv` says what some thousands of products serve, the main purpose first. It is public knowledge of what makers
sell, written down from memory; it holds nobody's mapping, and a purpose is no capability of anybody's.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice

from connectors.purpose.reading import TABLES, Found, Words, base, spelled, words
from connectors.resolution.vocabulary import is_word, vocabulary

EDITION_WORDS = (
    "enterprise business premium standard professional pro plus basic advanced cloud online team teams e1 e3 e5 p1 p2 edition saas server suite select "
    "essentials starter growth ultimate unlimited community license licence subscription account admin desktop app apps platform software hub v x"
)
"""What makers put behind a product's name for a size or price of it."""
MAKER_NAMES = (
    "adobe amazon apache apple atlassian autodesk aws azure bentley broadcom cisco citrix dassault dell google hashicorp hitachi honeywell hp hpe ibm infor intuit "
    "microsoft ms oracle palo quest rockwell sage salesforce sap schneider siemens vmware wolters zoho"
)
"""Makers of so many things that their name tells little of one: what follows it tells more."""
DOMAIN = re.compile(r"\.(?:com|io|ai|app|co|net|org|dev|so|me|us|cloud)\b", re.IGNORECASE)
JOINED = re.compile(r"\b(?:of|for|with|to|by|from|on|via|für|mit)\b", re.IGNORECASE)
"""Words after which a name's product is another than the one that is named: a plugin for Slack is no Slack."""
WHOLE, HEAD, WORD, WITHIN, MAKER = 1.0, 0.8, 0.8, 0.7, 0.4
"""How plainly a name tells a product: being it, beginning with it, being it where it is a common word, holding it, beginning with no more than its maker."""
FURTHER = 0.7
"""What a product's further purposes count beside its main one."""


EDITIONS, MAKERS = frozenset(map(base, EDITION_WORDS.split())), frozenset(map(base, MAKER_NAMES.split()))


@cache
def products() -> Mapping[Words, tuple[str, ...]]:
    """The purposes of each well-known product, the main one first, by the words of its name."""
    with (TABLES / "products.csv").open(encoding="utf-8", newline="") as file:
        return {words(DOMAIN.sub("", product)): tuple(purposes.split("; ")) for product, purposes in islice(csv.reader(file), 1, None)}


@cache
def squeezed() -> Mapping[str, Words]:
    """The products by their names without spaces: «Travis CI» is also written «TravisCI»."""
    return {"".join(product): product for product in products()}


def product_in(name: str, vendor: str | None) -> tuple[Found, ...]:
    """What a tool serves whose name is that of a well-known product, begins with one, or has one behind its maker's name.

    A name of one common word («Board», «Front») must be all of the name, or its vendor's too: it begins many others. What stands in
    brackets counts where the rest says nothing. Nothing where no product is known.
    """
    for part in (re.sub(r"\([^)]*\)?", " ", name), *re.findall(r"\(([^)]*)", name)):
        if best := max(readings(part, words(vendor)), key=lambda reading: reading[0], default=None):
            strength, product = best
            said = " ".join(product)
            return tuple(Found(purpose, said, strength * (FURTHER if place else 1.0)) for place, purpose in enumerate(products()[product]))
    return ()


def readings(name: str, maker: Words) -> Iterator[tuple[float, Words]]:
    """The products that a name may mean, with how plainly, the best of equals first."""
    written = spelled(DOMAIN.sub("", name))
    given = tuple(map(base, written))
    own = without(given, maker)
    for product in (given, own, squeezed().get("".join(given)), squeezed().get("".join(own))):
        if product and product in products():
            yield WORD if len(product) == 1 and is_vague(written[-1]) and product != maker[:1] else WHOLE, product
    is_joined = bool(JOINED.search(name))
    for start in range(1 if is_joined else min(3, len(given))):
        size = next((n for n in range(len(given) - start, 0, -1) if given[start : start + n] in products()), 0)
        product, rest = given[start : start + size], given[start + size :]
        is_known_maker = given[:start] == maker[:start] or MAKERS.issuperset(given[:start])
        if not size or (size == 1 and is_vague(written[start]) and (is_joined or not (is_edition(rest) and is_known_maker)) and product != maker[:1]):
            continue
        if start == 0 and product[0] in MAKERS and size == 1 and not is_edition(rest):
            yield MAKER, product
        else:
            yield (WHOLE if is_edition(rest) and is_known_maker else HEAD if is_known_maker else WITHIN), product


def is_vague(word: str) -> bool:
    """Whether other things may be called so: a common word, or three letters."""
    return (len(word) < 4 and base(word) not in MAKERS) or is_word(word, vocabulary().words)


def is_edition(rest: Words) -> bool:
    """Whether nothing follows a product's name but its size, price or version."""
    return all(word in EDITIONS or word[:1].isdigit() for word in rest)


def without(given: Words, vendor: Words) -> Words:
    """The name without its vendor's at the front: «Microsoft Power BI» is «Power BI»."""
    shared = next((n for n, (one, other) in enumerate(zip(given, vendor, strict=False)) if one != other), min(len(given), len(vendor)))
    return given[shared:]
