"""Dask clusters of real processes for tests: a scheduler and workers on loopback, gone afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 90.0


class Machines:
    """A scheduler with its workers."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / "scheduler.json"
        self._environment = {
            **os.environ,
            # Workers import what tests wrote for them.
            "PYTHONPATH": str(ROOT),
            # What was left behind by tests that were killed ends by itself.
            "DASK_DISTRIBUTED__SCHEDULER__IDLE_TIMEOUT": "10 minutes",
            "OMP_NUM_THREADS": "1",
            **(environment or {}),
        }
        self._scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    @property
    def address(self) -> str:
        return str(json.loads(self.file.read_text())["address"])

    def start(self, workers: int = 2, *options: str) -> Machines:
        how = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(self.file)]
        self._scheduler = self._run("scheduler", [sys.executable, "-m", "distributed.cli.dask_scheduler", *how])
        until = time.monotonic() + PATIENCE
        while not self._is_up():
            assert time.monotonic() < until, self.log
            assert self._scheduler.poll() is None, self.log
            time.sleep(0.05)
        for _ in range(workers):
            self.add(*options)
        return self

    def _is_up(self) -> bool:
        try:
            return bool(self.address)
        except (OSError, ValueError, KeyError):
            return False

    def add(self, *options: str, python: tuple[str, ...] = ("-m", "distributed.cli.dask_worker")) -> None:
        nanny = () if "--nanny" in options else ("--no-nanny",)
        number = len(self.workers)
        how = [self.address, "--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard", "--death-timeout", "60"]
        how += ["--local-directory", str(self.folder / f"worker-{number}"), *nanny, *options]
        self.workers.append(self._run(f"worker-{number}", [sys.executable, *python, *how]))

    def _run(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(command, cwd=self.folder, env=self._environment, stdout=log, stderr=log)

    def kill(self, number: int) -> None:
        """As when the power fails."""
        self.workers[number].send_signal(signal.SIGKILL)
        self.workers[number].wait(PATIENCE)

    def end_scheduler(self) -> None:
        assert self._scheduler is not None
        self._scheduler.send_signal(signal.SIGKILL)
        self._scheduler.wait(PATIENCE)

    @property
    def is_running(self) -> bool:
        return self._scheduler is not None and self._scheduler.poll() is None

    @property
    def log(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-4000:] for path in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        running = [one for one in (*self.workers, self._scheduler) if one is not None and one.poll() is None]
        for one in running:
            one.terminate()
        for one in running:
            try:
                one.wait(3)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait(PATIENCE)
