"""The report on paper: the same page without what can be clicked, laid out by WeasyPrint as a tagged PDF (PDF/UA).

WeasyPrint draws an SVG without the page's style and without CSS variables, so the rules are put into each drawing with
their colours written out. Only the light palette is ever printed, whatever the screen shows.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.errors import ConfigError
from pipelines.report.page import Reading, source, written

INSTALL = "pip install 'plumbline[pdf]', and where Pango is missing: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
FONT = 'Inter,"Liberation Sans",Arial,Helvetica,"DejaVu Sans",sans-serif'
RULE = re.compile(r"^(?:svg )?((?:\.[\w-]+)+)(\{[^{}]*(?:fill|stroke|text-anchor|font-)[^{}]*\})$", re.MULTILINE)
DRAWING = re.compile(r"(<svg [^>]*>)(.*?)(</svg>)", re.DOTALL)


def printed(reading: Reading) -> bytes:
    """The PDF of a reading; the same bytes for the same figures. Raises ConfigError where WeasyPrint or Pango is missing."""
    weasyprint = engine()
    html = written(reading, printed=True).html.replace("</style>", f"{source('paper.css')}</style>", 1)
    rules = for_drawings(source("page.css"))
    html = DRAWING.sub(lambda svg: f"{svg[1]}<style>{used(rules, svg[2])}</style>{svg[2]}{svg[3]}", html)
    return weasyprint.HTML(string=html, url_fetcher=refuse).write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=reading.facts.run_id.encode())


def engine() -> Any:
    """WeasyPrint, which is imported only here: it takes a second, and few ask for paper."""
    try:
        import weasyprint
    except (ImportError, OSError) as error:
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ConfigError(f"A PDF can't be made on this machine: {told}. HTML and Excel need nothing more. For PDF: {INSTALL}") from None
    return weasyprint


def refuse(url: str, *_: object, **__: object) -> Mapping[str, Any]:
    """Fetch nothing: a report is one file, on paper too."""
    raise ValueError(f"a report asks for nothing, not even {url}")


def for_drawings(style: str) -> list[tuple[frozenset[str], str]]:
    """The rules of the page's style that a drawing needs, each with its classes, and the light palette's colours written out."""
    light = dict(re.findall(r"--(\w+):([^;}]+)", style.partition("@media")[0]))
    plain = re.sub(r"var\(--(\w+)\)", lambda found: light[found[1]], style)
    return [(frozenset(selector.strip(".").split(".")), f"{selector}{body}") for selector, body in RULE.findall(plain)]


def used(rules: Sequence[tuple[frozenset[str], str]], drawing: str) -> str:
    """Those rules whose classes a drawing has: to read all of them anew for every small bar took ten seconds."""
    classes = {name for found in re.findall(r'class="([^"]*)"', drawing) for name in found.split()}
    return f"text{{font-family:{FONT}}}" * ("<text" in drawing) + "".join(rule for wanted, rule in rules if wanted <= classes)
