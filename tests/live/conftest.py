"""Servers that nobody here wrote, installed from package registries into folders of their own and run on this machine only.

They take minutes and need a registry, so they run only when asked for: `make live`.
"""

import os
import shutil
import sys
from pathlib import Path

import pytest
from running import SERVERS, Install, run


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "live: against a server from a package registry, which takes minutes")


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Only `-m live` finds them: an ordinary run does not even import them."""
    return None if "live" in config.option.markexpr else True


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where packages are installed: a folder of this run, or PLUMBLINE_LIVE, so that the next run needs no registry."""
    return Path(os.environ.get("PLUMBLINE_LIVE") or tmp_path_factory.mktemp("servers"))


@pytest.fixture(scope="session")
def python_of(kept: Path) -> Install:
    """Installs packages of Python into an environment of their own; its folder of programs."""

    def install(name: str, *packages: str) -> Path:
        folder = kept / name
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            run(sys.executable, "-m", "venv", folder)
            run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", *packages)
            (folder / "ready").touch()
        return folder / "bin"

    return install


@pytest.fixture(scope="session")
def node_of(kept: Path) -> Install:
    """Installs packages of Node into a folder of their own; their folder."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")

    def install(name: str, *packages: str) -> Path:
        folder = kept / name
        if not (folder / "ready").exists():
            folder.mkdir(parents=True, exist_ok=True)
            run("npm", "install", "--no-audit", "--no-fund", "--silent", *packages, cwd=folder)
            (folder / "ready").touch()
        return folder / "node_modules"

    return install


@pytest.fixture(scope="session")
def debian_of(kept: Path) -> Install:
    """Installs packages of Debian by a script into a copy of this system that shares what is not changed; its folder."""
    if os.geteuid() != 0 or not shutil.which("apt-get") or not shutil.which("unshare"):
        pytest.skip("packages of Debian are installed as root only, on Debian")

    def install(name: str, script: str) -> Path:
        folder = kept / name
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            shutil.copy(SERVERS / script, folder / "install.sh")
            run("unshare", "--mount", "sh", SERVERS / "inside.sh", folder, "sh", folder / "install.sh")
            (folder / "ready").touch()
        return folder

    return install
