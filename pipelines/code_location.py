"""The module that `dagster dev` and `plumbline serve` load: the workspace that PLUMBLINE_WORKSPACE names, else the current folder."""

import os
from pathlib import Path

from pipelines.definitions import definitions

defs = definitions(Path(os.environ.get("PLUMBLINE_WORKSPACE", ".")))
