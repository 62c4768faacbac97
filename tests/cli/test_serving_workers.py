"""`polemos serve --workers 2`: two processes on one port, each as new as the ledger, and all of them end together."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from app.ledger import Batch, open_ledger
from app.vocabulary.records import Article
from tests.serving import Service, serving

WAIT_SECONDS = 120


def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def children(process: int) -> set[int]:
    """Processes that a process has started and that still are there."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        state, parent = text.rpartition(")")[2].split()[:2]
        # What helps multiprocessing to clean up is a child as well, and serves nobody.
        command = stat.with_name("cmdline").read_bytes() if state != "Z" else b""
        if int(parent) == process and state != "Z" and b"spawn_main" in command:
            found.add(int(stat.parent.name))
    return found


@pytest.fixture(params=["sqlite", "postgres"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "postgres":
        yield request.getfixturevalue("postgres_url")
    else:
        yield f"sqlite:///{tmp_path / 'ledger.sqlite'}"


@pytest.fixture
def service(ledger: str, tmp_path: Path) -> Iterator[Service]:
    with closing(open_ledger(ledger)) as opened:
        opened.append(Batch([Article("One", "The first news.")]))
    environment = {**os.environ, "POLEMOS_LEDGER": ledger}
    log = tmp_path / "log.txt"
    with serving("--workers", "2", environment=environment, log=log, seconds=WAIT_SECONDS) as found:
        yield found


def revisions(service: Service, times: int = 12) -> set[int]:
    """What many connections are told: the system gives each to either of the processes."""
    found = set()
    for _ in range(times):
        found.add(httpx.get(f"{service.url}/accusations", timeout=60, trust_env=False).json()["revision"])
    return found


@pytest.mark.processes
def test_all_workers_answer_from_the_newest_revision_and_end_together(ledger: str, service: Service) -> None:
    until(lambda: len(children(service.process.pid)) == 2, "two workers")
    assert revisions(service) == {1}
    with closing(open_ledger(ledger)) as opened:
        newest = opened.append(Batch([Article("Two", "The second news.")]))
    assert revisions(service) == {newest}
    workers = children(service.process.pid)
    service.process.terminate()
    assert service.process.wait(WAIT_SECONDS) == 0
    until(lambda: not any(Path(f"/proc/{one}").exists() for one in workers), "the workers have ended")
    assert service.log is not None
    assert "Traceback" not in service.log.read_text()


@pytest.mark.processes
def test_a_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    environment = {**os.environ, "POLEMOS_LEDGER": f"sqlite:///{tmp_path / 'ledger.sqlite'}"}
    with serving("--workers", "2", environment=environment, seconds=WAIT_SECONDS) as service:
        until(lambda: len(children(service.process.pid)) == 2, "two workers")
        before = children(service.process.pid)
        os.kill(min(before), signal.SIGKILL)
        until(lambda: len(children(service.process.pid) - {min(before)}) == 2, "another in its place")
        service.wait(WAIT_SECONDS)
        assert len(children(service.process.pid) & before) == 1
