"""The entry: makes sure that the four packages are Plumbline's own before any of them is imported.

Their names are short, and a folder of the same name on Python's path would take their place in silence.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("models", "connectors", "dbt_like_sql", "pipelines")
HOME = Path(__file__).resolve().parent


def main() -> None:
    """Check where Plumbline runs and what it would import, then run the command line."""
    if os.name != "posix":
        sys.exit("Plumbline runs on Linux and macOS; on Windows, run it in WSL2.")
    # A console script has its own folder first on the path, but `python -m` has the current one: never import from there.
    sys.path[:] = [str(HOME), *(p for p in sys.path if p not in {"", str(HOME)})]
    for name in PACKAGES:
        spec = find_spec(name)
        found = Path(spec.origin).resolve().parent if spec and spec.origin else None
        if found != HOME / name:
            sys.exit(f"The package {name} would come from {found}, not from Plumbline's own {HOME / name}. Remove it from Python's path.")
    from pipelines.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
