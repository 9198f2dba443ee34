"""What the tests share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data, which is not part of the project; its tests are skipped where it is absent."""
    folder = Path(os.environ.get("PLUMBLINE_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    if not folder.is_dir():
        pytest.skip("the real data are not here: set PLUMBLINE_SHARED to their folder")
    return folder
