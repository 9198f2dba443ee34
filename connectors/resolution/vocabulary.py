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

ARTICLES = (
    "the of and de des du la le les et und der die das fur for pour in en to by a an at d l y von dem an i e do da dos del el los las sur on aux au as or dr mme mr mrs ms prof st ste saint sainte"
)
STOP = frozenset(ARTICLES.split())


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


POPULAR = (
    "access ace acme active alliance allied alpha alpine anchor apex apollo arc arrow aspen aspire atlas aurora axis bay beacon best beta big black blue bridge bright "
    "capital capitol cardinal cascade castle cedar century care champion choice circle city clear coast columbia community compass connect concord core corner cornerstone creative crescent "
    "crest crown crystal custom cutting dawn delta diamond discovery dominion dragon dream dynamic eagle early earth east eclipse edge elite embassy emerald empire "
    "epic excel express falcon family fidelity first five focus forest fox franklin freedom frontier fusion future galaxy gateway gem general genesis gold golden good grand "
    "granite great green guardian hallmark harbor harbour heritage high highland hill horizon icon ideal impact imperial independent infinity innovation insight "
    "integrity island jupiter key keystone king knight lake landmark latitude leader legacy legend liberty life light link lion live logic lotus loyal magna maple mark master match matrix "
    "maverick mercury meridian metro metropolitan midland milestone modern momentum monarch monument moon mountain mutual net new next noble nova oak oasis ocean olympia "
    "olympic omega omni one open optimum option orbit origin orion oxford pace palm panther paradigm paragon paramount park patriot peak pearl phoenix pilot pine "
    "pinnacle pioneer planet platinum point polar polaris power precision premier prestige prime principal priority pro prospect provincial pulse pure quantum quality queen quest "
    "rainbow ranger rapid ray red reliable reliance republic ridge right ring river rock rocket rose royal ruby safe sage sapphire select senator sentinel sentry shield sierra "
    "sigma signature silver sky smart solar solid sonic source south space spark spectrum spirit spring stag standard star stellar sterling stone strategic stream student summit sun "
    "sunrise sunset superior supreme swan swift synergy target tech tempo terra thunder tiger titan top total tower tri triangle trident trinity triumph triton true trust twin ultra "
    "union unique united unity universal urban valley value vanguard vantage vector venture venus vertex victor victoria victory viking village vintage vision vista vital "
    "vulcan west white wild wind wolf work world york young zenith"
)
SURNAMES = (
    "smith johnson williams brown jones garcia miller davis rodriguez martinez wilson anderson taylor thomas moore jackson martin lee thompson white clark lewis "
    "robinson walker young allen king wright scott hill green adams nelson baker hall campbell mitchell roberts carter phillips evans turner parker collins edwards stewart "
    "morris murphy cook morgan bell murray reid ross macdonald tremblay roy gagnon bouchard muller schmidt schneider fischer weber meyer wagner becker schulz hoffmann koch bauer "
    "richter klein wolf graham kelly wood ward watson bennett gray james hughes price long foster sanders powell sullivan russell ford hamilton"
)


@cache
def popular_words() -> frozenset[str]:
    """Words and surnames under which many unrelated firms trade: alone they name nobody."""
    return frozenset(f"{POPULAR} {SURNAMES}".split())


ENDINGS = (("ies", "y"), ("ied", "y"), ("es", ""), ("s", ""), ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"), ("er", ""), ("er", "e"), ("ly", ""))


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
