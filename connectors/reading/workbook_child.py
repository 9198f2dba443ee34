"""Read one workbook from standard input and write its cells as NDJSON: a program of its own, because hostile workbooks
take all memory or abort the process, and must take only this one with them.

Output, a line each: {"sheet": name}, then [row, hidden, cells] (a cell is text, null, or [text of what is wrong]),
then {"end": true, "merged": [...], "notes": [...]}; or, at any point, {"refused": why, "fix": ...}.
"""

import json
import resource
import sys
from typing import IO, Any

from defusedxml.common import DefusedXmlException

from connectors.reading.workbook_cells import Refuse, Sheet, open_book

MAX_MEMORY = 1 << 30
MAX_OUTPUT = 1 << 30


def emit(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=True), file=sys.stdout)


def read(stream: IO[bytes], wanted: str | None) -> None:
    """Write the wanted sheet, or all visible ones, of the workbook in a seekable stream."""
    book = open_book(stream)
    names = book.archive.namelist()
    notes = ["macros in it were ignored"] if any(name.endswith("vbaProject.bin") for name in names) else []
    notes += ["links to other workbooks were ignored"] if any("externalLinks/" in name for name in names) else []
    if wanted is not None and wanted not in [name for name, _, _ in book.sheets]:
        there = ", ".join(f"«{name}»" for name, _, _ in book.sheets)
        raise Refuse(f"there is no sheet «{wanted}» (sheets: {there})", "Correct the sheet in the profile.")
    if wanted is None:
        shown = [(name, part) for name, state, part in book.sheets if state == "visible"]
        notes += [f"the hidden sheet «{name}» was not read" for name, state, _ in book.sheets if state != "visible"]
    else:
        shown = [(name, part) for name, _, part in book.sheets if name == wanted]
    for name, part in shown:
        sheet = Sheet(book, name, part)
        emit({"sheet": name})
        for row in sheet.rows():
            emit(row)
        emit({"end": True, "merged": sheet.merged, "notes": notes + sheet.notes})


def main() -> None:
    """Limit this process, read, and say in words what went wrong."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_OUTPUT, MAX_OUTPUT))
    try:
        read(sys.stdin.buffer, sys.argv[1] if len(sys.argv) > 1 else None)
    except Refuse as error:
        emit({"refused": error.why, "fix": error.fix})
    except MemoryError:
        emit({"refused": "it needs more than 1 GB of memory", "fix": "Export it in parts, or as CSV."})
    except Exception as error:
        # Damage has as many faces as the libraries have lines; the parent must hear of each in words.
        emit(_explained(error))


def _explained(error: BaseException) -> dict[str, str]:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, DefusedXmlException):
            return {"refused": "it defines XML entities, as attacks do and Excel never does", "fix": "Ask its sender."}
        cause = cause.__cause__ or cause.__context__
    what = f"{type(error).__name__}: {str(error).splitlines()[0][:120] if str(error) else ''}"
    fix = "Download it again; else open it in Excel, save it, and export once more."
    return {"refused": f"it is damaged or not written by the rules ({what})", "fix": fix}


if __name__ == "__main__":
    main()
