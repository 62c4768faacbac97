"""Events of the shape of ICEWS18, made up: as many actors, relations, days and events, the frequent as frequent.

`python -m tests.benchmarks.generated FOLDER [--events 468558]` writes `entity2id.txt`, `relation2id.txt` and
`train.txt` as the dataset has them, so that what reads the one reads the other; the folder's name has to end in the two
digits of a year, as the dataset's does. The same seed gives the same bytes. All names, and all they do, are invented.
"""

from __future__ import annotations

import argparse
import random
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

SEED = 18
ACTORS = 23_033
RELATIONS = 256
DAYS = 304
EVENTS = 468_558
COUNTRIES = 200
# Exponents of the laws that the frequencies of ICEWS18 come closest to.
ACTOR_LAW, RELATION_LAW = 0.95, 1.25
RECURRING = 0.55
"""Share of events between two who have met before: whoever quarrels goes on to."""
ROLES = (
    "Citizen",
    "Police",
    "Military",
    "Government",
    "Media Personnel",
    "Ministry",
    "Employee",
    "Business",
    "Militant",
)
WORDS = (
    "Make statement", "Consult", "Accuse", "Criticize or denounce", "Host a visit", "Make a visit",
    "Deny responsibility",
    "Threaten", "Use conventional military force", "Arrest, detain, or charge with legal action", "Praise or endorse",
    "Reject", "Make an appeal or request", "Express intent to cooperate", "fight with small arms and light weapons",
    "Use unconventional violence", "Demand", "Provide aid", "Demonstrate or rally", "Accuse of war crimes",
)  # fmt: skip
SYLLABLES = "ba do ka lu mi no pe ra si ta ve zo lin mar sen tor vak yel gor hes".split()


class _Law:
    """Numbers from 0 drawn by Zipf's law."""

    def __init__(self, size: int, exponent: float) -> None:
        self._reached = list(accumulate((rank + 1) ** -exponent for rank in range(size)))

    def draw(self, dice: random.Random) -> int:
        return min(bisect_right(self._reached, dice.random() * self._reached[-1]), len(self._reached) - 1)


def names(count: int, dice: random.Random) -> list[str]:
    """Invented names of states, of roles in them, and of persons; no two alike."""
    found: dict[str, None] = {}

    def word(length: int) -> str:
        return "".join(dice.choice(SYLLABLES) for _ in range(length)).capitalize()

    while len(found) < min(COUNTRIES, count):
        found[word(3) + "ia"] = None
    countries = list(found)
    while len(found) < count:
        if dice.random() < 0.6:
            found[
                f"{dice.choice(ROLES)} ({dice.choice(countries)})" if dice.random() < 0.2 else f"{word(2)} {word(3)}"
            ] = None
        else:
            found[f"{word(2)} {dice.choice(ROLES)} ({dice.choice(countries)})"] = None
    return list(found)


def write(folder: Path, events: int = EVENTS, actors: int = ACTORS, days: int = DAYS, seed: int = SEED) -> Path:
    """Write the three files; returns the folder."""
    dice = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    relations = [WORDS[n] if n < len(WORDS) else f"{WORDS[n % len(WORDS)]}, sort {n}" for n in range(RELATIONS)]
    for name, words in (("entity2id", names(actors, dice)), ("relation2id", relations)):
        (folder / f"{name}.txt").write_text("".join(f"{w}\t{n}\n" for n, w in enumerate(words)), encoding="utf-8")
    actor, relation = _Law(actors, ACTOR_LAW), _Law(RELATIONS, RELATION_LAW)
    met: list[tuple[int, int]] = []
    # Two actors do a thing at most once a day, as in the dataset.
    found: set[tuple[int, int, int, int]] = set()
    while len(found) < events:
        if met and dice.random() < RECURRING:
            one, other = met[int(dice.random() * len(met))]
            one, other = (one, other) if dice.random() < 0.6 else (other, one)
        else:
            one, other = actor.draw(dice), actor.draw(dice)
            if one == other:
                continue
            met.append((one, other))
        found.add((int(dice.random() * days), one, relation.draw(dice), other))
    text = "".join(f"{one}\t{code}\t{other}\t{24 * day}\n" for day, one, code, other in sorted(found))
    (folder / "train.txt").write_text(text, encoding="utf-8")
    return folder


def main() -> None:
    """Write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--events", type=int, default=EVENTS)
    options = parser.parse_args()
    write(options.folder, options.events)


if __name__ == "__main__":
    main()
