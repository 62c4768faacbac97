"""Articles of several outlets that copy each other, what reads them on a cluster, and a client that a test may kill.

Workers import it by its name. A text with "(hold)" is read once the gate is open; at one with "(poison)" its reader
dies, as if the system had killed it; one with "(glutton)" takes up memory without end.
Run as a module: `-m tests.pipeline.press ADDRESS LEDGER_URL GAZETTEER_FOLDER GATE CHUNK FILE …` ingests files on a
cluster and prints, after each commit, how many articles are safe.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.extraction import Recipe
from app.linking import Acts
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Reading
from tests.pipeline.plain import PlainExtractor

ROOT = Path(__file__).resolve().parents[2]
_STATES = ("Ardania", "Beloria", "Cerinia")
_ACTS = ("shelling", "abduction", "sabotage", "raid", "bombing")
_TOWNS = ("Kesh", "Port Selm", "Upper Dova", "Dova")
_OUTLETS = ("Port Gazette", "The Daily Herald", "Hill Wire Service", "Coast Mail", "THE DAILY HERALD")
_WORDS = (
    "harbour quay ferry market baker bridge winter barley lantern orchard tunnel signal cargo pilot ledger granary "
    "chapel ravine copper timber saddle kettle meadow beacon pepper anchor violin walnut canvas marble"
).split()


@dataclass(frozen=True)
class PressExtractor(PlainExtractor):
    """Reads as the plain one does, as far as it is let."""

    gate: str = ""

    @property
    def name(self) -> str:
        """Name and version."""
        return f"press@{self.version}"

    def read(self, articles: Iterable[Article]) -> Iterator[Reading]:
        """One reading per article."""
        for article in articles:
            while "(hold)" in article.text and not Path(self.gate).exists():
                time.sleep(0.01)
            if "(fault)" in article.text:
                raise ValueError("a fault of the extractor")
            if "(poison)" in article.text:
                os.kill(os.getpid(), signal.SIGKILL)
            held = []
            while "(glutton)" in article.text:
                held.append(bytearray(b"x" * 20_000_000))
            yield self._read(article)


def press_recipe(gate: str = "", version: int = 1) -> Recipe:
    """How to make it."""
    return Recipe(f"press@{version}", partial(PressExtractor, version, gate))


def acts() -> Acts:
    """The acts of the repository."""
    return Acts.load(ROOT / "graph_data" / "lexicons" / "acts.tsv")


def stories(count: int) -> Iterator[dict[str, str]]:
    """Generated articles; some are copies of earlier ones, some credit an agency, some tell of the same incident."""
    for number in range(count):
        # A copy is of a story some places before.
        told = number - 3 if number % 4 == 3 else number
        one, other, third = (_STATES[(told + k) % 3] for k in range(3))
        act, town = _ACTS[told // 2 % 5], _TOWNS[told // 4 % 4]
        day = 1 + told // 6 % 27
        words = [_WORDS[(told * 7 + k * (1 + told % 11)) % len(_WORDS)] for k in range(34)]
        narration = " ".join(words) if number == told else " ".join([*words[:5], "again", *words[6:]])
        text = f"{town.upper()}, May {day} (Hill Wire Service) - All was quiet." if number % 3 == 1 else ""
        text += f"\n{one} accused {other} over the {act} in {town}. Then {narration}.\n{other} denied {one}."
        if number % 10 == 4:
            text += "\nThe Free Harbour Guard (FHG) met.\nFree Harbour Guard threatened Beloria."
        if number % 10 == 7:
            text += f"\nFHG threatened {third}."
        yield {
            "id": f"story-{number}",
            "title": f"{town} {narration[:20]}",
            "text": text.strip(),
            "published": f"2031-05-{day + (number != told):02d}",
            "publisher": _OUTLETS[number % 5],
            "url": f"https://outlet-{number % 5}.example/{number}",
        }


def write_lines(path: Path, articles: Iterable[dict[str, str]]) -> Path:
    """A file of JSON lines."""
    path.write_text("".join(json.dumps(one) + "\n" for one in articles), encoding="utf-8")
    return path


def main() -> None:
    """Ingest and acknowledge."""
    from app.ledger import open_ledger
    from app.ledger.opening import is_sqlite
    from app.pipeline import Relations
    from app.pipeline.cluster import connect
    from app.pipeline.cluster_ingest import Inputs, ingest_on_cluster
    from app.pipeline.cluster_relating import relate
    from tests.pipeline import press

    address, url, folder, gate, chunk, *files = sys.argv[1:]
    gazetteer = partial(Gazetteer.load, Path(folder))
    ledger = open_ledger(url)
    with connect(address) as cluster:
        kit = cluster.kit(press.press_recipe(gate), gazetteer, press.acts)
        inputs = Inputs(cluster, kit, files, chunk=int(chunk))
        reached = None if is_sqlite(url) else url
        report = ingest_on_cluster(
            inputs,
            cluster,
            kit,
            ledger,
            url=reached,
            gazetteer=gazetteer(),
            relations=Relations(gazetteer(), acts()) if reached is None else None,
            progress=lambda known: print(known.added, known.already_known, flush=True),
            chunk=int(chunk),
        )
        if reached is not None:
            relate(cluster, kit, url, ledger, report.articles)
    print("done", report.added, report.already_known, flush=True)
    ledger.close()


if __name__ == "__main__":
    main()
