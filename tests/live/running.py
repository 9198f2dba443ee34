"""Programs of others: run to their end, or served until a test is done with them."""

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

SERVERS = Path(__file__).parent / "servers"
PATIENCE = 120.0
"""Seconds in which a server must answer."""

Install = Callable[..., Path]
"""Installs something once under a name; where it is."""


def run(*command: str | Path, cwd: Path | None = None, env: Mapping[str, str] = {}) -> str:
    """What a program prints. Where it fails, so does the test, with its last words."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=os.environ | env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]}: {(done.stderr or done.stdout)[-2000:]}"
    return done.stdout


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serving(command: Sequence[str | Path], port: int, folder: Path, env: Mapping[str, str] = {}, path: str = "/") -> Iterator[str]:
    """A server's address, from its first answer until the block ends. Whatever it answers counts: a refusal is one."""
    log = folder / f"server-{port}.log"
    with log.open("w") as out, subprocess.Popen([str(part) for part in command], cwd=folder, env=os.environ | env, stdout=out, stderr=out, start_new_session=True) as server:
        try:
            until = time.monotonic() + PATIENCE
            while not answers(port, path):
                assert server.poll() is None, f"{command[0]} ended: {log.read_text()[-2000:]}"
                assert time.monotonic() < until, f"{command[0]} does not answer: {log.read_text()[-2000:]}"
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def answers(port: int, path: str) -> bool:
    there = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        there.request("GET", path)
        there.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        there.close()
    return True
