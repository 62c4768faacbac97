"""The side of the tests: gives orders to a nursery (`works.py`) and hears what its children said before they died."""

from __future__ import annotations

import json
import os
import random
import select
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class End:
    """How a child ended: what it had said by then, whether it was killed, and how long it lived."""

    words: list[Any]
    killed: bool
    seconds: float

    @property
    def revision(self) -> int:
        """The newest revision it acknowledged."""
        return max((word for word in self.words if isinstance(word, int)), default=0)


class Nursery:
    """A process that bears children on order."""

    def __init__(self, gazetteer: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.works", str(gazetteer)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            # A process of several threads is not to be forked.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )

    def run(self, work: str, *, kill: float | None = None, after: int = 0, **given: Any) -> End:
        """Let a child do something to its end, or kill it so many seconds after it was born, or after its n-th word."""
        self.order(work, kill=kill, after=after, **given)
        return self.outcome()

    def order(self, work: str, *, kill: float | None = None, after: int = 0, **given: Any) -> None:
        """The same without waiting; `outcome` waits."""
        assert self._process.stdin is not None
        order = {"work": work, "kill": kill, "after": after, "given": given}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def outcome(self, *, may_fail: bool = False) -> End:
        """How the child ended that was ordered last; an error of its own is raised here, unless it may fail."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], 60)[0]:
            self._process.kill()
            raise AssertionError("a child neither ends nor dies")
        end = End(**json.loads(self._process.stdout.readline()))
        failures = [word["error"] for word in end.words if isinstance(word, dict)]
        assert not failures or (may_fail and "app.vocabulary.errors.Ledger" in failures[0]), failures[0]
        return end

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()


@dataclass
class Fate:
    """Chooses the moments of death; its seed is told where a test fails, and repeats them as far as a clock can."""

    seed: int

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def moment(self, seconds: float, words: int) -> dict[str, Any]:
        """When a child is killed that lives for so long and says so much: any time, or right after a word."""
        if words > 1 and self._chance.random() < 0.5:
            return {"after": self._chance.randint(1, words - 1), "kill": self._chance.uniform(0, seconds / words)}
        return {"kill": self._chance.uniform(0, seconds)}

    def number(self, below: int) -> int:
        """A number from 0 on."""
        return self._chance.randrange(below)
