"""An extractor that reads a handful of sentence patterns, and a run of it that a test may kill.

It stands in for the rules wherever a test is not about reading: it loads nothing, its findings are plain from the text.
Run as a script: `plain.py LEDGER_URL GAZETTEER_FOLDER ARTICLES BATCH` ingests generated articles and prints, after each
commit, the revision and how many articles are safe.
"""

from __future__ import annotations

import dataclasses
import importlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from app.extraction import ReadingBuilder, Recipe
from app.vocabulary.records import Article, Reading
from app.vocabulary.terms import ClaimType, Modality, NodeKind, RefusalReason

_NAME = r"[A-Z]\w*(?: [A-Z]\w*)*"
_SENTENCE = re.compile(
    rf"(?:(?P<speaker>{_NAME}) for )?(?P<source>{_NAME}) "
    r"(?P<verb>accused|blamed|denied|struck back at|threatened|called for strikes on) "
    rf"(?:(?:(?P<named>{_NAME}) of )?(?P<target>{_NAME})|someone|everything)"
    rf"(?: over the (?P<incident>[a-z]+) in (?P<place>{_NAME}))?(?: on (?P<date>[0-9-]+))?\."
)
_VERBS = {
    "accused": (ClaimType.ACCUSES, Modality.ASSERTED),
    "blamed": (ClaimType.ACCUSES, Modality.ASSERTED),
    "denied": (ClaimType.DENIES, Modality.ASSERTED),
    "struck back at": (ClaimType.RETALIATES, Modality.CARRIED_OUT),
    "threatened": (ClaimType.RETALIATES, Modality.THREATENED),
    "called for strikes on": (ClaimType.RETALIATES, Modality.CALLED_FOR),
}


@dataclasses.dataclass(frozen=True)
class PlainExtractor:
    """Reads one claim per sentence of its patterns. Version 2 knows one verb more: "blamed"."""

    version: int = 1

    @property
    def name(self) -> str:
        """Name and version."""
        return f"plain@{self.version}"

    def read(self, articles: Iterable[Article]) -> Iterator[Reading]:
        """One reading per article."""
        for article in articles:
            yield self._read(article)

    def _read(self, article: Article) -> Reading:
        builder = ReadingBuilder(article, self.name)
        for sentence in re.finditer(r"[^.]+\.", article.text):
            start = sentence.start() + len(sentence[0]) - len(sentence[0].lstrip())
            found = _SENTENCE.fullmatch(article.text, start, sentence.end())
            if found is None or (found["verb"] == "blamed" and self.version < 2):
                builder.refuse(RefusalReason.NO_ACT, sentence[0].strip(), "text", start, sentence.end())
                continue
            _note(builder, found)
        return builder.reading()


def _note(builder: ReadingBuilder, found: re.Match[str]) -> None:
    def actor(group: str) -> str | None:
        if found[group] is None:
            return None
        return builder.mention(NodeKind.ACTOR, found[group], builder.evidence("text", *found.span(group)))

    source, target = actor("source"), actor("target")
    assert source is not None
    incident = None
    if found["incident"] is not None:
        place = builder.mention(NodeKind.PLACE, found["place"], builder.evidence("text", *found.span("place")))
        known = [one for one in builder.incidents if (one.type, one.place) == (found["incident"], place)]
        at = builder.evidence("text", *found.span("incident"))
        accused = [target] if target is not None and found["verb"] == "accused" else []
        incident = known[0].id if known else builder.incident(found["incident"], at, place, None, None, accused)
    kind, modality = _VERBS[found["verb"]]
    answered = None
    if kind is ClaimType.DENIES:
        accusations = [c for c in builder.claims if c.type is ClaimType.ACCUSES and c.target == source]
        answered = accusations[-1].id if accusations else incident
    builder.claim(
        kind,
        speaker=actor("speaker") or source,
        source=source,
        target=target,
        target_named=actor("named"),
        modality=modality,
        evidence=builder.evidence("text", *found.span()),
        incident=incident,
        date=found["date"],
        responds_to=answered,
        confidence=0.8,
        cue=f"plain/{found['verb']}",
    )


def plain_recipe(version: int = 1, made: Callable[[], None] | None = None) -> Recipe:
    """How to make it; `made` is called each time that happens."""

    def make() -> PlainExtractor:
        if made is not None:
            made()
        return PlainExtractor(version)

    return Recipe(f"plain@{version}", partial(PlainExtractor, version) if made is None else make)


_STATES = ("Ardania", "Beloria", "Cerinia")
_ACTS = ("shelling", "abduction", "sabotage", "raid")
_TOWNS = ("Kesh", "Port Selm", "Upper Dova")


def stories(count: int) -> Iterator[Article]:
    """Generated articles, each unlike the others, every one with claims, every third with a sentence to refuse."""
    for i in range(count):
        one, other, third = (_STATES[(i + k) % 3] for k in range(3))
        act, town = _ACTS[i % 4], _TOWNS[i // 4 % 3]
        text = f"{one} accused {other} over the {act} in {town}. {other} denied {one}. "
        text += f"{third} threatened {other} on 2031-05-{1 + i % 28:02d}."
        if i % 3 == 0:
            text += f" {one} met {third}."
        yield Article(f"Story {i}", text, f"2031-05-{1 + i % 28:02d}", "Port Gazette", f"https://gazette.example/{i}")


def main() -> None:
    """Ingest and acknowledge."""
    from app.ledger import open_ledger
    from app.pipeline import IngestReport, ingest
    from app.vocabulary.names import Gazetteer

    url, folder, count, batch = sys.argv[1:]
    # Smaller transactions than usual, so that a kill meets more of them.
    importlib.import_module("app.pipeline.ingest").__dict__["BATCH"] = int(batch)

    def acknowledge(report: IngestReport) -> None:
        print(report.revision, report.added + report.already_known, flush=True)

    ledger = open_ledger(url)
    gazetteer = Gazetteer.load(Path(folder))
    ingest(stories(int(count)), ledger=ledger, recipe=plain_recipe(), gazetteer=gazetteer, progress=acknowledge)
    ledger.close()


if __name__ == "__main__":
    main()
