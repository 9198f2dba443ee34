"""What is known of words before any vendor is seen: legal forms, trades, places, people's names, English words.

The tables under `tables/` are facts with their sources in `tables/SOURCES.md`. None of them holds a label that
somebody gave to a vendor's spelling.
"""

import csv
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

TABLES = Path(__file__).parent / "tables"

SPECIAL = str.maketrans({"ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "æ": "ae", "Æ": "ae", "’": "'", "`": "'"})

STOP = frozenset(
    "the of and de des du la le les et und der die das fur for pour in en to by a an at d l y von dem an i e do da dos del el los las sur on aux au as or".split()
)


class Kind(StrEnum):
    """What a word says about who the vendor is."""

    BRAND = "b"
    """In no list: most likely the vendor's own name."""
    WORD = "w"
    """An English word: tells little by itself, more beside another."""
    PERSON = "s"
    """A given name or a surname: thousands of firms may carry it."""
    TRADE = "g"
    """What many vendors do or are: services, consulting, group."""
    PLACE = "p"
    LEGAL = "l"
    STOP = "x"
    NUMBER = "n"
    """A number, an order id, a postal or tax number."""


@dataclass(frozen=True)
class Vocabulary:
    """The lists. `legal` and `places` hold phrases of one or more words; `trades` leads from a word to its meaning."""

    legal: frozenset[str]
    trades: Mapping[str, str]
    places: frozenset[str]
    people: frozenset[str]
    words: frozenset[str]
    longest_place: int = 3
    longest_legal: int = 5


def folded(text: str) -> str:
    """Small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", text.translate(SPECIAL))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower() if not decomposed.isascii() else decomposed.lower()


def column(file: str, place: int = 0) -> list[str]:
    with (TABLES / file).open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        next(rows)
        return [row[place] for row in rows]


@cache
def vocabulary() -> Vocabulary:
    """The shipped lists, read once."""
    trades = dict(zip(column("business_words.csv"), column("business_words.csv", 1), strict=True))
    return Vocabulary(
        legal=frozenset(column("legal_forms.csv")),
        trades=trades,
        places=frozenset(column("places.csv")),
        people=frozenset(column("people.csv")),
        words=frozenset(column("english_words.csv")),
    )


ENDINGS = (("ies", "y"), ("es", ""), ("s", ""), ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"), ("er", ""), ("er", "e"), ("ly", ""))


def is_word(word: str, words: frozenset[str]) -> bool:
    """Whether it is an English word or a regular form of one."""
    return word in words or any(
        word.endswith(ending) and len(word) > len(ending) + 2 and word[: -len(ending)] + instead in words for ending, instead in ENDINGS
    )


def singular(word: str) -> str:
    """The word without a plural's s."""
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
