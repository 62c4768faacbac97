"""Settings in, `polemos serve` in a process of its own out: started, waited for until it answers, and ended."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
POLEMOS = str(Path(sys.executable).with_name("polemos"))


@dataclass(frozen=True, slots=True)
class Service:
    """A service, which may not answer yet; what it prints is in `log`, where one was asked for."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path | None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait(self, seconds: float) -> None:
        """Until it answers; fails where it ends first or so many seconds pass."""
        until = time.monotonic() + seconds
        while True:
            try:
                if httpx.get(f"{self.url}/health", timeout=5, trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            told = self.log.read_text() if self.log is not None else ""
            assert self.process.poll() is None, f"the service ended: {told}"
            assert time.monotonic() < until, f"the service did not answer within {seconds:.0f} s: {told}"
            time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(
    *options: str,
    environment: Mapping[str, str] | None = None,
    polemos: str = POLEMOS,
    cwd: Path = ROOT,
    log: Path | None = None,
) -> Service:
    """A service on a free port; `environment` takes the place of this process's own."""
    port = free_port()
    command = [polemos, "serve", "--port", str(port), *options]
    with (log or Path(os.devnull)).open("wb") as out:
        into = out if log is not None else None
        process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=into, stderr=into)
    return Service(process, port, log)


@contextmanager
def serving(
    *options: str,
    environment: Mapping[str, str] | None = None,
    polemos: str = POLEMOS,
    cwd: Path = ROOT,
    log: Path | None = None,
    seconds: float = 60,
) -> Iterator[Service]:
    """As `start`, and it answers; it is ended afterwards."""
    service = start(*options, environment=environment, polemos=polemos, cwd=cwd, log=log)
    try:
        service.wait(seconds)
        yield service
    finally:
        service.process.terminate()
        service.process.wait(60)
