"""A run that is killed at any moment loses nothing that it acknowledged, and another run makes it whole."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

from app.graph import fold
from app.ledger import open_ledger
from app.vocabulary.records import Article, Reading

PLAIN = Path(__file__).with_name("plain.py")
ARTICLES, BATCH, ROUNDS = 400, 8, 10


def start(ledger: Path, gazetteer: Path) -> subprocess.Popen[str]:
    command = [sys.executable, str(PLAIN), f"sqlite:///{ledger}", str(gazetteer), str(ARTICLES), str(BATCH)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def kill_after(run: subprocess.Popen[str], commits: int, seconds: float) -> list[str]:
    """The lines it printed before it was killed, so many commits and seconds after it began."""
    assert run.stdout is not None
    lines = []
    for _ in range(commits):
        line = run.stdout.readline()
        if not line:
            break
        lines.append(line)
    time.sleep(seconds)
    run.send_signal(signal.SIGKILL)
    rest, _ = run.communicate()
    # A line that the kill tore in two acknowledges nothing.
    return [line for line in (*lines, *rest.splitlines(keepends=True)) if line.endswith("\n")]


@pytest.mark.processes
def test_a_run_killed_again_and_again_ends_as_one_that_never_was(
    tmp_path: Path, gazetteer_files: Path, plain: ModuleType
) -> None:
    seed = random.randrange(10**9)
    chance = random.Random(seed)
    whole, torn = tmp_path / "whole.sqlite", tmp_path / "torn.sqlite"
    stories = list(plain.stories(ARTICLES))

    safe = deaths = 0
    for number in range(ROUNDS):
        run = start(torn, gazetteer_files)
        # The first rounds die while starting and making the ledger, the others between and inside commits.
        commits = 0 if number < 3 else chance.randint(1, 6)
        for line in kill_after(run, commits, chance.uniform(0, 0.01 if commits else 0.3)):
            revision, articles = map(int, line.split())
            safe = max(safe, articles)
            assert revision * BATCH >= articles, f"seed {seed}"
        with closing(open_ledger(f"sqlite:///{torn}")) as ledger:
            held = ledger.counts().articles
            assert held >= safe, f"seed {seed}, round {number}: {safe} articles were acknowledged, {held} are there"
            assert held % BATCH == 0, f"seed {seed}, round {number}: a batch was torn"
            assert all(ledger.article(story.id) == story for story in stories[:safe]), f"seed {seed}"
        deaths += run.returncode == -signal.SIGKILL and held < ARTICLES
        if held == ARTICLES:
            break
    assert deaths >= 3, f"seed {seed}: the runs ended before they could be killed"
    assert safe > 0, f"seed {seed}: the runs were killed before they had done anything"

    for path in (torn, whole):
        out, told = start(path, gazetteer_files).communicate(timeout=60)
        assert told == ""
        assert out.splitlines()[-1] == f"{ARTICLES // BATCH} {ARTICLES}"
    with closing(open_ledger(f"sqlite:///{torn}")) as one, closing(open_ledger(f"sqlite:///{whole}")) as other:
        entries, expected = list(one.entries()), list(other.entries())
        assert one.counts() == other.counts()
    found = Counter(entry.id for _, entry in entries if isinstance(entry, Article | Reading))
    readings = [entry for _, entry in entries if isinstance(entry, Reading)]
    assert set(found.values()) == {1}
    assert [entry for _, entry in entries if isinstance(entry, Article)] == stories
    assert len(readings) == ARTICLES
    claims = Counter(claim.id for reading in readings for claim in reading.claims)
    assert len(claims) == 3 * ARTICLES
    assert set(claims.values()) == {1}
    # Revisions, links and records too: nothing tells the one ledger from the other but the clock.
    assert entries == expected, f"seed {seed}"
    assert list(fold(entries).edges()) == list(fold(expected).edges())
