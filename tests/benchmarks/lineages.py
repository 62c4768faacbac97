"""Measures lineages: against the annotated stories, on edited copies, and for speed and memory. Prints, asserts none.

`python -m tests.benchmarks.lineages [--gold FOLDER] [--articles N]`. Without the annotated articles only speed and
memory are measured, on invented text.
"""

from __future__ import annotations

import argparse
import codecs
import json
import random
import re
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from app.extraction.recorded import RecordedExtractor, annotated_article
from app.linking import Linked, link
from app.linking.lineages import LineageIndex
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Claim, Decision, Evidence, Mention, Reading
from app.vocabulary.terms import ClaimType, Modality, NodeKind

ROOT = Path(__file__).resolve().parents[2]
GOLD = ROOT.parent / "shared" / "gold"
"""The gold corpus lies beside a checkout, not in it."""

Move = Callable[[Evidence], tuple[int, int] | None]
"""Where a passage stands in an edited copy; None where it is left out."""


@dataclass(frozen=True)
class Told:
    """An article with its reading and what its mentions stand for."""

    article: Article
    reading: Reading
    linked: Linked


def corpus(folder: Path, gazetteer: Gazetteer) -> list[Told]:
    """The annotated articles to learn from, as they are read by the recorded extractor."""
    articles = [annotated_article(json.loads(path.read_text(encoding="utf-8"))) for path in folder.glob("train-*.json")]
    articles.sort(key=lambda article: article.external_id or "")
    readings = RecordedExtractor.from_folder(folder).read(articles)
    return [
        Told(article, reading, link(reading, gazetteer)) for article, reading in zip(articles, readings, strict=True)
    ]


def decide(told: Iterable[Told], gazetteer: Gazetteer) -> set[frozenset[str]]:
    """The pairs of claims that are given one lineage, the articles taken in this order."""
    index = LineageIndex(gazetteer)
    return {pair(one) for each in told for one in index.add(each.article, each.reading, each.linked)}


def pair(decision: Decision) -> frozenset[str]:
    """The two claims of a decision."""
    return frozenset((decision.subject, str(decision.object)))


# ---- the annotated stories ----


def expected(told: list[Told], stories: list[dict[str, Any]]) -> set[frozenset[str]]:
    """The pairs of claims that stand in a paragraph which two articles share, with one passage, type and parties."""
    by_name = {one.article.external_id: one for one in told}
    found = set()
    for shared in (shared for story in stories for shared in story["syndicated"]):
        first, second = (by_name[name] for name in shared["articles"])
        for a in _within(first, shared["text"]):
            for b in _within(second, shared["text"]):
                if _says(first, a) == _says(second, b) and a.evidence.quote == b.evidence.quote:
                    found.add(frozenset((a.id, b.id)))
    return found


def _within(told: Told, paragraph: str) -> list[Claim]:
    start = told.article.text.index(paragraph)
    end = start + len(paragraph)
    return [c for c in told.reading.claims if c.evidence.part == "text" and start <= c.evidence.start < end]


def _says(told: Told, claim: Claim) -> tuple[object, ...]:
    names = {mention.id: mention.name for mention in told.reading.mentions}
    return claim.type, names[claim.source], names[claim.target] if claim.target else None


# ---- edited copies ----


def edited(told: Told, article: Article, move: Move) -> Told:
    """The reading of an edited copy: the claims that it still holds, where they stand now."""
    mentions = {m.id: replace(m, article=article.id, id="") for m in told.reading.mentions}
    ids = {old: new.id for old, new in mentions.items()}
    claims = []
    for claim in told.reading.claims:
        at = move(claim.evidence)
        if at is None:
            continue
        part = claim.evidence.part
        evidence = Evidence(article.id, part, *at, article.part(part)[at[0] : at[1]])
        evidence.check(article)
        speaker, source = ids[claim.speaker], ids[claim.source]
        target = ids[claim.target] if claim.target else None
        claims.append(Claim(article.id, claim.type, speaker, source, target, claim.modality, evidence, cue=claim.id))
    reading = Reading(article.id, told.reading.extractor, tuple(mentions.values()), (), tuple(claims))
    linked = tuple(replace(one, subject=ids[one.subject], id="") for one in told.linked.decisions)
    return Told(article, reading, replace(told.linked, decisions=linked))


def _copy(told: Told, **changed: Any) -> Article:
    return replace(told.article, id="", url=None, publisher="The Second Outlet", **changed)


def cut(told: Told) -> Told:
    """The last two fifths of the paragraphs left out."""
    paragraphs = told.article.text.split("\n\n")
    text = "\n\n".join(paragraphs[: max(1, round(len(paragraphs) * 0.6))])
    return edited(
        told,
        _copy(told, text=text),
        lambda e: (e.start, e.end) if e.part == "title" or e.end <= len(text) else None,
    )


def lightly_edited(told: Told) -> Told:
    """One word in twenty made another word."""
    draw = random.Random(told.article.id)

    def other(word: re.Match[str]) -> str:
        return codecs.encode(word[0], "rot13") if draw.random() < 0.05 else word[0]

    return edited(told, _copy(told, text=re.sub(r"\w+", other, told.article.text)), lambda e: (e.start, e.end))


def other_headline(told: Told) -> Told:
    """Another headline over the same text."""
    article = _copy(told, title="Something else altogether in other words")
    return edited(told, article, lambda e: (e.start, e.end) if e.part == "text" else None)


def moved_paragraph(told: Told) -> Told:
    """The last paragraph put first."""
    head, _, last = told.article.text.rpartition("\n\n")
    if not head:
        return edited(told, _copy(told), lambda e: (e.start, e.end))

    def move(e: Evidence) -> tuple[int, int] | None:
        if e.part == "title":
            return e.start, e.end
        if e.start >= len(head) + 2:
            return e.start - len(head) - 2, e.end - len(head) - 2
        return (e.start + len(last) + 2, e.end + len(last) + 2) if e.end <= len(head) else None

    return edited(told, _copy(told, text=f"{last}\n\n{head}"), move)


def one_paragraph(told: Told) -> Told:
    """All line breaks taken out."""
    return edited(told, _copy(told, text=told.article.text.replace("\n", " ")), lambda e: (e.start, e.end))


EDITS = (cut, lightly_edited, other_headline, moved_paragraph, one_paragraph)


def on_copies(told: list[Told], gazetteer: Gazetteer, wanted: set[frozenset[str]]) -> list[tuple[str, str, str]]:
    """For each sort of edit: how many claims of the copies are led back to the claim they were copied from.

    A pair is false where it joins claims of two articles that share no paragraph.
    """
    rows = []
    home = {claim.id: one.article.id for one in told for claim in one.reading.claims}
    kin = {frozenset(home[claim] for claim in each) for each in wanted}
    for edit in EDITS:
        copies = [edit(one) for one in told]
        original = {claim.id: claim.cue for copy in copies for claim in copy.reading.claims}
        pairs = decide([*told, *copies], gazetteer)
        right = sum(frozenset(each) in pairs for each in original.items())
        homes = [frozenset(home[original.get(claim, claim)] for claim in each) for each in pairs]
        false = sum(len(each) > 1 and each not in kin for each in homes)
        what = (edit.__doc__ or "").splitlines()[0].rstrip(".")
        rows.append(
            (
                f"copies: {what[0].lower()}{what[1:]}",
                f"{right} of {len(original)} claims led back",
                f"{false} false pairs",
            )
        )
    return rows


# ---- speed and memory ----


def invented(count: int, claims: int, words: int = 300) -> Iterable[Told]:
    """Articles of random words in paragraphs of fifty, with claims of random parties, a new outlet every tenth."""
    draw = random.Random(7)
    vocabulary = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(2, 10))) for _ in range(20_000)]
    weights = [1 / (rank + 5) for rank in range(len(vocabulary))]
    for number in range(count):
        drawn = draw.choices(vocabulary, weights, k=words)
        paragraphs = [" ".join(drawn[at : at + 50]) + "." for at in range(0, words, 50)]
        text = "\n\n".join(paragraphs)
        day = f"2024-{1 + number // 28 % 12:02d}-{1 + number % 28:02d}"
        article = Article(" ".join(drawn[:8]), text, day, f"Outlet {number % max(count // 10, 1)}", f"n:{number}")
        names = [f"Actor {draw.randrange(300)}" for _ in range(2 * claims)]
        mentions = {n: Mention(article.id, NodeKind.ACTOR, n, n, "text", 0, 5) for n in names}
        made = []
        for at in range(claims):
            start = text.index(paragraphs[at % len(paragraphs)]) + at // len(paragraphs)
            evidence = Evidence(article.id, "text", start, start + 80, text[start : start + 80])
            source, target = (mentions[n].id for n in names[2 * at : 2 * at + 2])
            made.append(Claim(article.id, ClaimType.ACCUSES, source, source, target, Modality.ASSERTED, evidence))
        yield Told(
            article, Reading(article.id, "invented@1", tuple(mentions.values()), (), tuple(made)), Linked((), (), ())
        )


def resident() -> int:
    """Bytes of memory this process holds (Linux)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def load(count: int, claims: int) -> tuple[float, float]:
    """Articles a second of processor time, and bytes kept of each, for articles with so many claims each."""
    index = LineageIndex()
    spent = 0.0
    before = resident()
    for told in invented(count, claims):
        start = time.process_time()
        index.add(told.article, told.reading, told.linked)
        spent += time.process_time() - start
    return count / spent, (resident() - before) / count


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gold", type=Path, default=GOLD)
    parser.add_argument("--articles", type=int, default=10_000)
    options = parser.parse_args()
    rows: list[tuple[str, str, str]] = []
    for claims in (3, 9):
        # In a process of its own, where no memory was used before.
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:
            rate, each = apart.submit(load, options.articles, claims).result()
        rows.append(
            (
                f"{options.articles} invented articles of 300 words, {claims} claims each",
                f"{rate:.0f} articles/s",
                f"{each / 1000:.2f} kB kept of each",
            )
        )
    if (options.gold / "stories.json").is_file():
        gazetteer = Gazetteer.load(ROOT / "graph_data" / "gazetteers")
        told = corpus(options.gold, gazetteer)
        stories = json.loads((options.gold / "stories.json").read_text(encoding="utf-8"))["stories"]
        names = {each["id"] for story in stories for each in story["articles"]}
        wanted = expected(told, stories)
        found = decide([one for one in told if one.article.external_id in names], gazetteer)
        rows.append(
            (
                f"stories: {len(names)} articles, {len(wanted)} pairs of claims in shared paragraphs",
                f"precision {len(found & wanted) / max(len(found), 1):.2f}",
                f"recall {len(found & wanted) / len(wanted):.2f}",
            )
        )
        everywhere = decide(told, gazetteer)
        backwards = decide(reversed(told), gazetteer)
        rows.append(
            (
                f"all {len(told)} articles",
                f"{len(everywhere - wanted)} false pairs",
                "the same pairs in reverse order" if everywhere == backwards else "OTHER PAIRS IN REVERSE ORDER",
            )
        )
        rows += on_copies(told, gazetteer, wanted)
    else:
        print(f"no annotated articles in {options.gold}: skipped")
    print("| what | figure | beside |\n| --- | --- | --- |")
    print("\n".join(f"| {what} | {figure} | {beside} |" for what, figure, beside in rows))


if __name__ == "__main__":
    main()
