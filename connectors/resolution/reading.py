"""What a vendor's spelling says, read word by word: who is meant, who sold it, and what is only there beside the name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from connectors.resolution.accents import accented, decoded
from connectors.resolution.vocabulary import STOP, Kind, folded, is_word, singular, vocabulary

PROCESSORS = (
    (r"paypal|pp", "PayPal"), (r"sq|sqc|gosq\.com", "Square"), (r"stripe|str", "Stripe"), (r"paddle(?:\.net)?", "Paddle"),
    (r"fs|fsprg|fastspring", "FastSpring"), (r"dri|digitalriver", "Digital River"), (r"2co(?:\.com)?|2checkout", "2Checkout"),
    (r"tst", "Toast"), (r"klarna", "Klarna"), (r"sumup|sum up", "SumUp"), (r"zettle|iz", "Zettle"), (r"adyen", "Adyen"), (r"chargebee", "Chargebee"), (r"wl", "Worldline"),
)  # fmt: skip
PROCESSOR = re.compile("|".join(rf"(?P<p{n}>^(?:{pattern}) ?\* ?)" for n, (pattern, _) in enumerate(PROCESSORS)) + r"|(?P<dash>^stripe-)")
DOMAIN = re.compile(
    r"\b(?:https?://)?(?:www\.)?([a-z][a-z0-9-]+)\.(?:com|net|org|io|us|ai|de|ca|fr|app|dev|cloud|eu|co\.uk|so|me|tv)\b(?:/\S*)?(?P<rest>.*)"
)
PHONE = re.compile(r"(?:\+?\d{1,2}[ -.])?\(?\b\d{3}\)?[ -.]\d{3}[ -.]\d{4}\b|\+\d[\d -]{7,}\d")
SELLER = re.compile(r" (?:c o|in care of|care of|via) ")
ISSUER = re.compile(r" (?:on behalf of|o b o|obo) ")
TRADE_NAME = re.compile(
    r" (?:o a|oa|dba|d b a|t a|oper(?:at)?(?:ing|ion|ed|es)? as|doing business (?:as|under)|trading as|carrying on (?:business )?(?:as|under)"
    r"|faisant affaires?(?: sous)?(?: le nom| la raison sociale)?(?: de)?|also known as|aka|a k a) "
)
DANGLING = re.compile(r" (?:o a|oa|dba|d b a|operating as|doing business as|trading as|c o) $")
FORMER = re.compile(r" (?:formerly known as|formerly|formally|fka|f k a|anciennement|previously) ")
DIVISION = re.compile(r"(?: |^)(?:an? |une )?(?:division|div|dvision|subsidiary|business unit)(?: (?:of|de|d|du) | d(?=[a-z]{6}))")
COMPANY_OF = re.compile(r" an? ([a-z0-9]+(?: [a-z0-9]+)?) company $")
JOINT = re.compile(r" (?:in |an? |as a contractual |contractual )?(?:joint? ?vent(?:ure)?|c?jv|ajv|in joint) ")
ELISION = re.compile(r"\b(d|l|qu)'(?=[aeiouyh][a-z]{3})")
"""A French article or preposition that lost its vowel: l'entretien, d'équipement."""
OWNED = "a company of"
"""The step that was taken where a name ends in «an Amber company»."""
REGISTERED_AS = re.compile(r"\b(\d{4}) ?(\d{3,4}) ?(quebec|canada|ontario|alberta|manitoba|saskatchewan)\b")
"""A company's number in a register, in one piece or two."""
CUT = re.compile(r" (?:attn|attention|suite \d|po box|p o box|pobox|box \d|voir \d|see \d|do not use|ne pas utiliser|c r \d|acct|account no|reseller) ?.*")
TITLES = frozenset(["dr", "mr", "mrs", "ms", "mme", "prof"])
BUSINESS_TYPO = sorted(word for word in vocabulary().trades if len(word) >= 6)
PLACE_TYPO = ("canada", "canadian", "quebec", "ontario", "alberta", "manitoba", "ottawa", "montreal", "toronto", "deutschland", "germany")
FORMAL = frozenset(["associate", "centre", "company", "consulting", "division", "enterprise", "group", "holding", "services", "society"])
"""What any firm may call itself, before its name or behind: Groupe, Les Entreprises, Services."""
LEGAL_LONG = ("corporation", "enregistree", "incorporated", "incorporation", "incorporee", "limited", "limitee", "limitedpartnership", "partnership", "unlimited")
LEGAL_FIRST = frozenset(["cjsc", "jsc", "oao", "ojsc", "ooo", "pjsc", "uab", "zao"])
"""Legal forms that stand before the name."""
LEGAL_TYPOS = frozenset(["icn", "iinc", "incc", "itd", "ldt", "lltd", "lnc", "lrd", "ltdd", "lttd", "lyd"])
"""Slips of Inc and Ltd that are no words."""
CUT_LETTERS = 5
"""Letters that are left of a legal form that was cut short, before it is one."""
REGISTERED = 6
"""Digits of the number by which a company is registered, where it has no other name."""
LONG = 24
"""Systems cut names at 25 to 35 letters: a last word that only begins a known one was cut."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A spelling, read. `words` name the vendor, in order; `kinds` has a letter of `Kind` for each, `spelt` the word before
    it was led to its meaning.

    `maker` made what somebody else sold; `former` is what the spelling itself calls the vendor's other name.
    """

    written: str
    words: tuple[str, ...]
    kinds: str
    spelt: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    maker: str | None = None
    issuer: str | None = None
    former: tuple[str, ...] = ()
    is_domain: bool = False

    @property
    def content(self) -> tuple[tuple[str, str], ...]:
        """Words that tell vendors apart, with their kinds: places and numbers only where there is nothing else."""
        told = tuple((w, k) for w, k in zip(self.words, self.kinds, strict=True) if k in "bwsg")
        return told or tuple((w, k) for w, k in zip(self.words, self.kinds, strict=True) if k in "pnl") or tuple(zip(self.words, self.kinds, strict=True))


def read(written: str) -> Reading:
    """Read one spelling."""
    steps: list[str] = []
    text = " ".join(folded(decoded(written)).split())
    text, is_domain = of_card(text, steps)
    text = re.sub(r"\b([a-z]{1,2}) ?& ?([a-z])\b", r"\1\2", text)
    text = re.sub(r"[&+](?=\D|$)", " and ", text)
    text = ELISION.sub(r"\1 ", text)
    text = " ".join(re.sub(r"[^a-z0-9]+", " ", re.sub(r"[.']", "", text)).split()) if text.isascii() else " ".join(re.sub(r"[\W_]+", " ", text).split())
    text = REGISTERED_AS.sub(r"\1\2 \3", accented(text)).strip()
    text, maker, issuer, former = roles(f" {text} ", steps)
    words, kinds, spelt = told(text, len(written) >= LONG, steps)
    if not words:
        words, kinds = (folded(written).strip() or written.strip(),), str(Kind.BRAND)
        spelt = words
    if is_domain and words and kinds[0] in "wsgp":
        kinds = Kind.BRAND + kinds[1:]
    return Reading(written, words, kinds, spelt, tuple(dict.fromkeys(steps)), maker, issuer, tuple(tokens(former)) if former else (), is_domain)


def of_card(text: str, steps: list[str]) -> tuple[str, bool]:
    """The merchant in a card statement's text."""
    if found := PROCESSOR.match(text):
        name = "Stripe" if found.lastgroup == "dash" else PROCESSORS[int((found.lastgroup or "p0")[1:])][1]
        if rest := text[found.end() :].strip():
            steps.append(f"paid through {name}")
            text = rest
    if "*" in text:
        before, _, after = text.partition("*")
        text = before.strip() or after.replace("*", " ").strip()
        steps.append("text after * left out")
    if (found := PHONE.search(text)) and text[: found.start()].strip():
        text = text[: found.start()].strip()
        steps.append("phone number left out")
    if found := DOMAIN.match(text):
        steps.append("name of the web address")
        rest = found["rest"].strip(" ,")
        words = [w for w in re.findall(r"[a-z0-9]+", rest) if w in vocabulary().legal]
        return f"{found[1].replace('-', '')} {' '.join(words)}", True
    return text, False


def roles(text: str, steps: list[str]) -> tuple[str, str | None, str | None, str | None]:
    """The part that names the vendor; the maker behind a seller; who issued the invoice; and the vendor's other name."""
    maker = issuer = former = None
    if found := ISSUER.search(text):
        issuer, maker = text[: found.start()].strip() or None, text[found.end() :].strip() or None
        if issuer and maker:
            steps.append("invoice issued on behalf of the maker")
            text = f" {issuer} "
    if (found := SELLER.search(text)) and text[: found.start()].strip() and is_person(text[found.end() :]):
        text = f"{text[: found.start()]} "
        steps.append("person after c/o left out")
    elif found and text[: found.start()].strip() and names_somebody(text[found.end() :]):
        maker, text = text[: found.start()].strip() or None, f" {text[found.end() :].strip()} "
        steps.append("sold by the one after c/o")
    text = DANGLING.sub(" ", text)
    text = CUT.sub(" ", text, count=1) if CUT.search(text, 2) and CUT.sub(" ", text, count=1).strip() else text
    if found := COMPANY_OF.search(f"{text.rstrip()} "):
        if text[: found.start()].strip() and names_somebody(found[1]):
            former, text = text[: found.start()].strip(), f" {found[1]} "
            steps.append(OWNED)
    elif (found := TRADE_NAME.search(text)) and (names_somebody(text[found.end() :]) or (is_numbered(text[: found.start()].split()) and text[found.end() :].strip())):
        former, text = text[: found.start()].strip(), f" {text[found.end() :].strip()} "
        steps.append("trade name")
    elif (found := FORMER.search(text)) and text[: found.start()].strip():
        former, text = text[found.end() :].strip(), f"{text[: found.start()]} "
        steps.append("former name left out")
    elif (found := DIVISION.search(text)) and names_somebody(text[found.end() :]):
        former, text = text[: found.start()].strip() or None, f" {text[found.end() :].strip()} "
        steps.append("division of")
    if found := JOINT.search(text):
        before, after = text[: found.start()], text[found.end() :]
        partner = re.split(r" (?:and|et) ", before)
        first = " and ".join(partner[:-1])
        joint = f"{first} " if len(first.split()) > 1 or names_somebody(first) else f"{before} {after}"
        text = joint if first or names_somebody(joint) else text
        steps.append("joint venture: the first partner")
    text = re.sub(r"^ team (?=\S+)", " ", text)
    return text, maker, issuer, former


def is_person(text: str) -> bool:
    """Whether a person stands there: initials and a name, or a title and a name."""
    words = text.split()
    if not 2 <= len(words) <= 4 or classed(words[-1])[1] not in "sb":
        return False
    return all(len(word) == 1 or word in TITLES for word in words[:-1]) or (words[0] in TITLES and all(classed(word)[1] in "sb" for word in words[1:]))


def is_numbered(words: Sequence[str]) -> bool:
    """Whether a company is called by its number in a register: 3622096 Canada."""
    return len(words) > 1 and words[0].isdigit() and len(words[0]) >= REGISTERED


def names_somebody(text: str) -> bool:
    """Whether more than numbers, places and little words stand there."""
    return any(kind in "bws" for _, kind in map(classed, text.split()))


def tokens(text: str) -> list[str]:
    """Words; letters that stand alone are drawn together, and French articles and an English possessive are taken off."""
    words = text.split()
    made: list[str] = []
    initials = ""
    for place, word in enumerate(words):
        if len(word) == 1 and word.isalnum():
            follows = words[place + 1] if place + 1 < len(words) else ""
            if word == "s" and not initials and made:
                continue
            if word in "ld" and not initials and len(follows) > 3:
                continue
            initials += word
            continue
        if initials:
            made.append(initials)
            initials = ""
        made.append(word)
    return [*made, initials] if initials else made


def told(text: str, is_long: bool, steps: list[str]) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """The words with their kinds and as they were spelt, phrases of several words seen as one, typing errors in common words mended."""
    lists = vocabulary()
    words = tokens(text)
    spelt = tuple(map(singular, words))
    kinds = [""] * len(words)
    if form := legal_end(words):
        kinds[-form:] = [Kind.LEGAL] * form
        steps.append("legal form left out")
    for size in (3, 2):
        for start in range(len(words) - size + 1):
            if not any(kinds[start : start + size]) and " ".join(words[start : start + size]) in lists.places:
                kinds[start : start + size] = [Kind.PLACE] * size
    for place, word in enumerate(words):
        if kinds[place]:
            continue
        meaning, kind = classed(word)
        if (word in lists.legal if place else word in LEGAL_FIRST and len(words) > 1) and kind not in (Kind.PLACE,):
            meaning, kind = word, Kind.LEGAL
        elif kind == Kind.BRAND and (place or len(word) >= 7):
            meaning, kind = mended(word, is_long and place == len(words) - 1)
            if kind != Kind.BRAND:
                steps.append(f"{word} read as {meaning}")
        if place and kind == Kind.BRAND and len(word) <= 2 and any(k in "bwsp" or (k == Kind.TRADE and w not in FORMAL) for w, k in zip(words[:place], kinds[:place], strict=True) if k not in "xl"):
            kind = Kind.NUMBER
        words[place], kinds[place] = meaning, kind
    if Kind.PLACE in kinds:
        steps.append("place left out")
    if Kind.NUMBER in kinds:
        steps.append("number left out")
    return tuple(words), "".join(kinds), spelt


def legal_end(words: Sequence[str]) -> int:
    """How many words at the end are the legal form, whole, mistyped or cut short: LRD, CORPORA, LIMIT ED."""
    legal = vocabulary().legal
    for size in range(min(vocabulary().longest_legal, len(words) - 1), 0, -1):
        if " ".join(words[-size:]) in legal:
            return size
    if len(words) < 2:
        return 0
    if len(words) > 2 and "".join(words[-2:]) in LEGAL_LONG:
        return 2
    is_cut = len(words[-1]) >= CUT_LETTERS and any(form.startswith(words[-1]) for form in LEGAL_LONG) and words[-1] not in vocabulary().trades
    return int(is_cut or words[-1] in LEGAL_TYPOS)


@lru_cache(maxsize=1 << 18)
def classed(word: str) -> tuple[str, Kind]:
    """A word's meaning and its kind."""
    lists = vocabulary()
    if word in STOP or word == "com":
        return word, Kind.STOP
    if word.isdigit() or (not word.isalpha() and sum(c.isdigit() for c in word) >= 3):
        return word, Kind.NUMBER
    if word in lists.trades:
        return lists.trades[word], Kind.TRADE
    if word in lists.places:
        return word, Kind.PLACE
    if word in lists.people or singular(word) in lists.people:
        return singular(word), Kind.PERSON
    if is_word(word, lists.words):
        return singular(word), Kind.WORD
    return singular(word), Kind.BRAND


@lru_cache(maxsize=64)
def trades_like(length: int, limit: int) -> list[str]:
    """The trades of nearly as many letters; others cannot be meant."""
    return [word for word in BUSINESS_TYPO if abs(len(word) - length) <= limit]


@lru_cache(maxsize=1 << 18)
def mended(word: str, is_cut: bool) -> tuple[str, Kind]:
    """A word in no list, as the common word that it is one or two typing errors away from, or the beginning of."""
    lists = vocabulary()
    if not word.isalpha():
        return singular(word), Kind.BRAND
    if is_cut and len(word) >= 4 and (whole := next((w for w in BUSINESS_TYPO if w.startswith(word)), None)):
        return lists.trades[whole], Kind.TRADE
    if len(word) == 5 and OSA.distance(word, "canada") == 1:
        return "canada", Kind.PLACE
    if len(word) >= 6:
        limit = 2 if len(word) >= 10 else 1
        if near := process.extractOne(word, PLACE_TYPO, scorer=OSA.distance, score_cutoff=limit):
            return near[0], Kind.PLACE
        if near := process.extractOne(word, trades_like(len(word), limit), scorer=OSA.distance, score_cutoff=limit):
            return lists.trades[near[0]], Kind.TRADE
        for ending in ("inc", "ltd", "ltee", "corp", "gmbh", "llc"):
            if word.endswith(ending) and len(word) > len(ending) + 3:
                return classed(word[: -len(ending)])
    return singular(word), Kind.BRAND
