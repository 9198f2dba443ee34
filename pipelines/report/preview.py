"""A report in a few lines, for those who show it elsewhere: its message, its six figures, and where its files lie."""

import json
import re
from pathlib import Path

from pipelines.report.pack import DECK, FOLDER, PAGE, PDF, QUALITY, SUMMARY, WORKBOOK

FILES = {PAGE: "report", WORKBOOK: "workbook", PDF: "pdf", DECK: "slides", QUALITY: "data quality"}


def files(run_folder: Path) -> dict[str, Path]:
    """The files of a run's report by what they are; none where it has no report."""
    return {title: path for name, title in FILES.items() if (path := run_folder / FOLDER / name).is_file()}


def markdown(run_folder: Path) -> str:
    """The message and the six figures as Markdown; names in them stay text. Empty where the run has no report."""
    try:
        told = json.loads((run_folder / FOLDER / SUMMARY).read_bytes())
        lines = [f"**{escaped(told['message'])}**", "", "| Figure | | Made of |", "| --- | ---: | --- |"]
        lines += [f"| {' | '.join(map(escaped, figure))} |" for figure in told["figures"]]
    except (OSError, ValueError, KeyError):
        return ""
    return "\n".join([*lines, "", f"Incomplete: {escaped('; '.join(told['incomplete']))}" if told["incomplete"] else "Complete."])


def escaped(text: str) -> str:
    """A text that Markdown shows as it is."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|&~])", r"\\\1", " ".join(text.split()))
