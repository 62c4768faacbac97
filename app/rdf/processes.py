"""Questions in SPARQL in, answers out, from processes of their own: only so can a query under way be stopped.

A process serves any number of stores, one after the other, so that a newer copy costs no start.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.vocabulary.errors import BadQuery, PolemosError

if TYPE_CHECKING:
    from app.rdf.worker import Question

_WORKER = Path(__file__).with_name("worker.py")


class LimitReached(BadQuery):
    """A question that may be asked and takes more time or memory than it may have."""


class Processes:
    """As many as questions are asked at once; those that have answered wait for the next. Several threads may ask.

    Args:
        max_memory: Bytes of address space that one of them may take.
    """

    def __init__(self, max_memory: int) -> None:
        self._max_memory = max_memory
        self._idle: list[subprocess.Popen[bytes]] = []

    def ask(self, question: Question) -> tuple[dict[str, Any], bytes]:
        """What `app.rdf.worker` says; its process is ended where it takes too long.

        Raises:
            LimitReached: It needed more time or memory than it may have.
            PolemosError: The process could not start.
        """
        try:
            process = self._idle.pop()
        except IndexError:
            process = self._start()
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(question["timeout_s"], stop)
        timer.start()
        try:
            head, body = _exchange(process, question)
        except (OSError, ValueError) as why:
            code = _end(process)
            if late.is_set():
                raise LimitReached("the query took too long; ask for less, or add a LIMIT") from why
            if code == 1:
                raise PolemosError("the process that answers SPARQL could not start; is pyoxigraph installed?") from why
            words = "the query needed more memory than it may have; ask for less, or add a LIMIT"
            raise LimitReached(words) from why
        finally:
            timer.cancel()
        if late.is_set():
            _end(process)
        else:
            self._idle.append(process)
        return head, body

    def close(self) -> None:
        """End those that wait."""
        while self._idle:
            _end(self._idle.pop())

    def _start(self) -> subprocess.Popen[bytes]:
        # -P: a file of the working directory can never stand in for a library.
        command = [sys.executable, "-P", str(_WORKER), str(self._max_memory)]
        return subprocess.Popen(  # noqa: S603 # our own file, our own arguments, no shell
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )


def _exchange(process: subprocess.Popen[bytes], question: Question) -> tuple[dict[str, Any], bytes]:
    """One question, one answer; OSError or ValueError where the process ends before it has answered."""
    if process.stdin is None or process.stdout is None:
        raise OSError("the process has no pipes")
    process.stdin.write(json.dumps(question).encode() + b"\n")
    process.stdin.flush()
    head = json.loads(process.stdout.readline())
    body = process.stdout.read(head.get("size", 0))
    if len(body) < head.get("size", 0):
        raise OSError("the answer breaks off")
    return head, body


def _end(process: subprocess.Popen[bytes]) -> int:
    """End a process, and tell how it ended if it had already."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        # Without questions, or with its pipes broken, it ends by itself; how tells what went wrong.
        process.wait(timeout=0.2)
    process.kill()
    if process.stdout is not None:
        process.stdout.close()
    return process.wait()
