"""Several processes decide on one ledger at the same time: every decision is kept, and all see the same in the end."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.curation import Ruling, ruling_of

if TYPE_CHECKING:
    from tests.curation.conftest import Office

# Each process decides for itself, waiting for nobody, as two people at two desks do.
PERSON = """
import json, sys
from app.curation import Ruling, decision, take
from app.ledger import open_ledger

url, name, claim, pairs = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
ledger = open_ledger(url)
sys.stdin.read()
made = []
for number, (left, right) in enumerate(pairs * 5):
    ruling = Ruling.MERGE if (number + len(name)) % 2 else Ruling.SPLIT
    made.append(decision(ruling, left, other=right, by=name, reason="because"))
    take(ledger, made[-1])
    made.append(decision(Ruling.CORRECT, claim, field="date", value=f"2031-05-{1 + number:02d}", by=name, reason="why"))
    take(ledger, made[-1])
made.append(decision(Ruling.UNDO, made[0].id, by=name, reason="no"))
take(ledger, made[-1])
print(json.dumps([one.id for one in made]))
"""


@pytest.mark.processes
def test_processes_that_decide_at_once_lose_nothing(office: Office, tmp_path: Path) -> None:
    towns = ("Kesh", "Port Selm", "Upper Dova")
    readings = [office.tell(f"Ardania accused Beloria over the raid in {town}.") for town in towns]
    a, b, c = (reading.incidents[0].id for reading in readings)
    claim, before = readings[0].claims[0].id, office.ledger.revision
    pairs = json.dumps([(a, b), (b, c), (c, a)])
    names = ("Ana", "Benn", "Cyd")
    command = [sys.executable, "-c", PERSON, office.ledger.location]
    root = Path(__file__).resolve().parents[2]
    running = [
        subprocess.Popen(
            [*command, name, claim, pairs], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for name in names
    ]
    for one in running:
        assert one.stdin is not None
        one.stdin.close()
    told: list[list[str]] = []
    for one in running:
        assert one.stdout is not None
        with closing(one.stdout) as out:
            told.append(json.loads(out.read()))
        assert one.wait(60) == 0
    ids = [name for made in told for name in made]

    log = office.read()
    assert [len(made) for made in told] == [31] * 3
    assert {one.decision.id for one in log.people} == set(ids)
    # Each is a revision of its own, in one order for everybody.
    assert [one.revision for one in log.people] == list(range(before + 1, before + 1 + len(ids)))
    assert office.page(500).total == len(ids)
    rows = {row.id: row for row in office.page(500).log}
    assert all(rows[made[0]].status == "undone" for made in told)
    last = max(one.number for one in log.people if ruling_of(one.decision) is Ruling.CORRECT)
    assert office.graph.claim(claim).claim.date == log.taken[last].decision.value
    applied = [row for row in rows.values() if row.kind == "correct" and row.status == "applied"]
    assert [row.id for row in applied] == [log.taken[last].decision.id]
    # Whoever contradicts whom, each judgement is applied, replaced, undone, or told with the reason why it is not.
    judged = [row for row in rows.values() if row.kind in ("merge", "split")]
    assert all(row.because for row in judged if row.status != "applied")
    assert {row.id for row in judged if row.status == "not_applied"} == {one.id for one in office.graph.conflicts}
