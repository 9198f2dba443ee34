"""Colours of the report: text can be read, and what differs by colour differs for everybody, and never by colour alone.

Colour-vision deficiencies are simulated by the matrices of Machado, Oliveira and Fernandes, «A Physiologically-based Model
for Simulation of Color Vision Deficiency», IEEE TVCG 15 (2009), severity 1.0, in linear RGB; distances are CIE76 in L*a*b*.
"""

import re
from itertools import combinations, pairwise

import numpy as np
import pytest

from pipelines.report import cells
from pipelines.report.page import Page, source

STYLE = source("page.css")
SIGHTS = {
    "usual": np.eye(3),
    "protan": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deutan": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritan": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}
TEXTS = [("ink", "paper"), ("mut", "paper"), ("acc", "paper"), ("adv", "paper"), ("fav", "paper"), ("ink", "soft"), ("mut", "soft"), ("acc", "soft"), ("bartext", "bar"), ("low", "h0"),
         ("low", "h1"), ("low", "h2"), ("low", "h3"), ("high", "h4"), ("high", "h5")]  # fmt: skip
"""Text and what it stands on."""
SHAPES = [("bar", "paper"), ("adv", "paper"), ("fav", "paper"), ("acc", "paper"), ("h3", "bar")]
"""Drawn parts and what they stand on or beside."""


def palette(name: str) -> dict[str, str]:
    """The colours of a palette by name, as the style declares them."""
    rules = re.findall(r"(:root[^{]*)\{([^{}]*--paper[^{}]*)\}", STYLE)
    found = [dict(re.findall(r"--(\w+):(#[0-9a-f]+)", body)) for selector, body in rules if ("dark" in selector or "not(" in selector) == (name == "dark")]
    assert all(other == found[0] for other in found)
    return found[0]


def linear(colour: str, sight: str = "usual") -> np.ndarray:
    """Linear RGB of #rgb or #rrggbb, as somebody of this sight has it."""
    digits = "".join(2 * d for d in colour[1:]) if len(colour) == 4 else colour[1:]
    told = np.array([int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)])
    light = np.where(told <= 0.04045, told / 12.92, ((told + 0.055) / 1.055) ** 2.4)
    return np.clip(SIGHTS[sight] @ light, 0, 1)


def luminance(colour: str, sight: str = "usual") -> float:
    return float(linear(colour, sight) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2: 1 for the same, 21 for black on white."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def lab(colour: str, sight: str) -> np.ndarray:
    """L*a*b* under D65."""
    xyz = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]) @ linear(colour, sight) / [0.95047, 1, 1.08883]
    root = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def distance(one: str, other: str, sight: str) -> float:
    return float(np.linalg.norm(lab(one, sight) - lab(other, sight)))


def test_the_measures_are_the_published_ones() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert lab("#ffffff", "usual") == pytest.approx([100, 0, 0], abs=0.02)
    assert distance("#2e7d32", "#c62828", "deutan") < distance("#2e7d32", "#c62828", "usual") / 3


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_and_shapes_stand_out(name: str) -> None:
    colours = palette(name)
    assert {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in TEXTS if contrast(colours[pair[0]], colours[pair[1]]) < 4.5} == {}
    assert {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in SHAPES if contrast(colours[pair[0]], colours[pair[1]]) < 3} == {}


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("name", ["light", "dark"])
def test_better_and_worse_differ_for_everybody(name: str, sight: str) -> None:
    colours = palette(name)
    for one, other in combinations(("adv", "fav", "bar"), 2):
        assert distance(colours[one], colours[other], sight) >= 25, (one, other)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("name", ["light", "dark"])
def test_more_money_is_a_stronger_colour_for_everybody(name: str, sight: str) -> None:
    """Each step of the map can be told from the next, and lightness alone tells the order, as in grey print."""
    steps = [palette(name)[f"h{step}"] for step in range(6)]
    assert min(distance(one, other, sight) for one, other in pairwise(steps)) >= 6
    lights = [luminance(step, sight) for step in steps]
    assert lights == sorted(lights, reverse=name == "light")


def test_paper_slides_and_workbook_have_the_colours_of_the_page() -> None:
    light = palette("light")
    assert (light["ink"], light["mut"], light["adv"], light["fav"]) == (cells.INK, cells.MUTED, cells.ADVERSE, cells.FAVOURABLE)


def test_colour_never_tells_alone(page: Page) -> None:
    """What is coloured as better or worse bears a sign or words, and a gap its tag; a difference from finance's totals stands in a column of that name."""
    html = re.sub(r'<section id="tie".*?</section>', "", page.html, flags=re.DOTALL)
    told = re.findall(r'<(?:td|span|text)[^>]*class="[^"]*\b(?:adv-t|fav-t)\b[^"]*"[^>]*>(.*?)</(?:td|span|text)>', html, re.DOTALL)
    texts = [" ".join(re.sub(r"<[^>]*>", " ", text).split()) for text in told]
    assert len(texts) > 20
    assert [text for text in texts if not re.search(r"[+−±]|[A-Za-z]{2}", text)] == []
    gaps = re.findall(r'class="cell[^"]*\bgap\b[^"]*"(.*?)(?=class="cell|</section>)', html, re.DOTALL)
    assert gaps
    assert all("gap" in re.sub(r"<[^>]*>", "", gap) for gap in gaps)
