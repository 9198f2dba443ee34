"""What the tests share."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pipelines.refresh import Refreshed


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data, which is not part of the project; its tests are skipped where it is absent."""
    folder = Path(os.environ.get("PLUMBLINE_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    if not folder.is_dir():
        pytest.skip("the real data are not here: set PLUMBLINE_SHARED to their folder")
    return folder


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> "Refreshed":
    """The sample company, written and refreshed once for all tests that only look at it."""
    from pipelines.refresh import refresh
    from pipelines.sample import MONTH, write_sample

    folder = tmp_path_factory.mktemp("sample") / "company"
    write_sample(folder)
    return refresh(folder, MONTH)


@pytest.fixture(scope="session")
def sample_warehouse(sample: "Refreshed") -> Path:
    return sample.warehouse
