"""The wheel works by itself: installed in a fresh environment, run from an empty folder."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_program_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"plumbline.py", "models", "connectors", "dbt_like_sql", "pipelines"}
    shipped = {path.relative_to(ROOT).as_posix() for path in (ROOT / "dbt_like_sql").rglob("*.sql")}
    shipped |= {path.relative_to(ROOT).as_posix() for path in (ROOT / "connectors").rglob("*.yml")}
    assert shipped <= set(names)


def test_it_runs_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    home, here = tmp_path / "venv", tmp_path / "empty"
    here.mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True, capture_output=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))
    zipfile.ZipFile(wheel).extractall(packages)
    # The libraries come from the environment of the tests; its own editable Plumbline does not, since a path file within is not followed.
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def plumbline(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(home / "bin" / "python"), "-m", "plumbline", *arguments]
        return subprocess.run(command, cwd=here, env=environment, capture_output=True, text=True, check=False)

    assert plumbline("init", "acme", "--currency", "EUR").returncode == 0
    done = plumbline("refresh", "-C", "acme", "--month", "2026-01")
    assert (done.returncode, "2026-01 is published" in done.stderr) == (0, True), done.stderr
    where = subprocess.run([str(home / "bin" / "python"), "-c", "import pipelines; print(pipelines.__file__)"], cwd=here, env=environment, capture_output=True, text=True, check=True)
    assert str(home) in where.stdout
