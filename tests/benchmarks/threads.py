"""Measures threads and attribution on annotated stories, each told by several outlets. Prints figures and asserts none.

`python tests/benchmarks/threads.py GOLD [--identity linker|annotated] [--wrong] [--rules]`. GOLD is a folder with
`stories.json` and the annotated articles (codebook, gold format). Claims are the annotated ones, so that only what this
project concludes from them is measured. Which incidents are one is decided by the linker, or taken from the annotation.

An annotated link goes from a claim to one of another article; links within an article are not annotated. So only links
across articles are compared: as pairs of claims, and as pairs with their type. "deflects" is compared as "counters",
for the annotation has one word for both. At the level of utterances a pair is found where it leads to another report of
the same utterance in the same article, such as its headline.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from app.extraction.recorded import RecordedExtractor, annotated_article  # noqa: E402
from app.graph import ConflictGraph, ResolvedClaim, fold  # noqa: E402
from app.linking import link  # noqa: E402
from app.queries.attribution import IncidentView, incident  # noqa: E402
from app.queries.links import Linker  # noqa: E402
from app.vocabulary.names import Gazetteer  # noqa: E402
from app.vocabulary.records import Article, Decision, Reading  # noqa: E402
from app.vocabulary.terms import ClaimType, DecisionKind, Judgement  # noqa: E402

Pair = tuple[str, str]


@dataclass
class Corpus:
    """The graph of the stories, and which of its claims and incidents the annotation's are."""

    graph: ConflictGraph
    claims: dict[str, str] = field(default_factory=dict)
    """Claim of the graph → "<file>#<claim>"."""
    gold: dict[Pair, str] = field(default_factory=dict)
    """Annotated pair → its type."""
    incidents: dict[str, list[str]] = field(default_factory=dict)
    """Annotated incident → article-level incidents."""


def read(folder: Path, identity: str) -> Corpus:
    """Fold the articles of the stories."""
    bodies = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    bodies = [
        body
        for body in bodies
        if isinstance(body, dict) and any("global_id" in one for one in body.get("incidents") or ())
    ]
    gazetteer = Gazetteer.load(ROOT / "graph_data" / "gazetteers")
    articles = [annotated_article(body) for body in bodies]
    extractor = RecordedExtractor({article.id: body for article, body in zip(articles, bodies, strict=True)})
    readings = list(extractor.read(articles))
    found = Corpus(ConflictGraph())
    entries: list[Any] = []
    decisions: list[Decision] = []
    linkers = _linkers(gazetteer) if identity == "linker" else []
    for body, article, reading in zip(bodies, articles, readings, strict=True):
        _know(found, body, article, reading)
        linked = link(reading, gazetteer)
        entries += [*linked.actors, *linked.places, article, reading]
        decisions += linked.decisions
        for linker in linkers:
            decisions += linker.add(article, reading, linked)
    if identity == "annotated":
        for members in found.incidents.values():
            decisions += [
                Decision(DecisionKind.JUDGE, one, "annotated@1", members[0], judgement=Judgement.SAME, score=1.0)
                for one in members[1:]
            ]
    found.graph = fold((1, entry) for entry in [*entries, *decisions])
    return found


def _linkers(gazetteer: Gazetteer) -> list[Any]:
    from app.linking.acts import Acts
    from app.linking.incidents import IncidentIndex
    from app.linking.lineages import LineageIndex

    return [IncidentIndex(Acts.load(ROOT / "graph_data" / "lexicons" / "acts.tsv")), LineageIndex(gazetteer)]


def _know(found: Corpus, body: dict[str, Any], article: Article, reading: Reading) -> None:
    """Note which claims and incidents of a reading are which of its annotation."""
    names = {mention.id: mention.name for mention in reading.mentions}
    for raw, one in zip(body["incidents"], reading.incidents, strict=True):
        if raw.get("global_id"):
            found.incidents.setdefault(raw["global_id"], []).append(one.id)
    for raw in body["claims"]:
        name = f"{body['id']}#{raw['id']}"
        for claim in reading.claims:
            evidence = claim.evidence
            said = (claim.type, names[claim.speaker], names[claim.source], names.get(claim.target or ""))
            if (
                said == (raw["type"], raw["speaker"], raw["source"], raw["target"])
                and evidence.quote == raw["evidence"]
                and claim.id not in found.claims
            ):
                found.claims[claim.id] = name
                break
        thread = raw.get("thread") or {}
        if thread.get("replies_to"):
            found.gold[name, thread["replies_to"]] = thread["link"]


def predicted(corpus: Corpus) -> dict[Pair, tuple[str, str]]:
    """Pair across articles → its type and rule."""
    linker = Linker(corpus.graph)
    found: dict[Pair, tuple[str, str]] = {}
    for claim in corpus.graph.claims.values():
        for one in linker.links(claim):
            start, end = corpus.claims.get(one.start), corpus.claims.get(one.end)
            if start and end and start.partition("#")[0] != end.partition("#")[0]:
                kind = "counters" if one.link == "deflects" else one.link
                found[start, end] = (kind, one.rule)
    return found


def f1(hits: int, found: int, gold: int) -> str:
    """Precision, recall and F1 as a table's cells."""
    precision, recall = hits / found if found else 0.0, hits / gold if gold else 0.0
    mean = 2 * precision * recall / (precision + recall) if hits else 0.0
    return f"{precision:.3f} | {recall:.3f} | {mean:.3f}"


def utterances(corpus: Corpus) -> dict[str, str]:
    """Claim → a name for its utterance in its article: same type, source, target, incident and modality."""
    found = {}
    for claim in corpus.graph.claims.values():
        if claim.id in corpus.claims:
            mark = (claim.claim.article, claim.claim.type, claim.source, claim.target, claim.incident)
            found[corpus.claims[claim.id]] = "|".join(map(str, (*mark, claim.claim.modality)))
    return found


def story(name: str) -> str:
    """The story of a claim: "train-c04" of "train-c04b-…#c2"."""
    return name.partition("-")[2][:3]


def report(corpus: Corpus, wrong: bool, rules: bool) -> None:
    """Print the figures for links."""
    found, gold, same = predicted(corpus), corpus.gold, utterances(corpus)
    pairs = set(found) & set(gold)
    typed = {pair for pair in pairs if found[pair][0] == gold[pair]}
    coarse_gold = {(a, same.get(b, b)): kind for (a, b), kind in gold.items()}
    coarse = {(a, same.get(b, b)): kind for (a, b), (kind, _) in found.items()}
    print(f"{len(gold)} annotated links across articles, {len(found)} found")
    print("| links | precision | recall | F1 |\n| --- | --- | --- | --- |")
    print(f"| pair and type | {f1(len(typed), len(found), len(gold))} |")
    print(f"| pair | {f1(len(pairs), len(found), len(gold))} |")
    hits = sum(coarse_gold.get(pair) == kind for pair, kind in coarse.items())
    print(f"| utterance and type | {f1(hits, len(coarse), len(coarse_gold))} |")
    for kind in sorted(set(gold.values()) | {kind for kind, _ in found.values()}):
        theirs = {pair for pair, one in gold.items() if one == kind}
        ours = {pair for pair, (one, _) in found.items() if one == kind}
        print(f"| {kind} ({len(theirs)}) | {f1(len(theirs & ours), len(ours), len(theirs))} |")
    for name in sorted({story(a) for a, _ in gold}):
        ours = {pair for pair in found if story(pair[0]) == name}
        theirs = {pair for pair in gold if story(pair[0]) == name}
        print(f"| {name} ({len(theirs)}) | {f1(len(typed & ours), len(ours), len(theirs))} |")
    if rules:
        right, all_ = Counter(found[p][1] for p in typed), Counter(rule for _, rule in found.values())
        print("| rule | links | right |\n| --- | --- | --- |")
        for rule, number in all_.most_common():
            print(f"| {rule} | {number} | {right[rule] / number:.2f} |")
    if wrong:
        for pair in sorted(set(found) | set(gold)):
            if pair not in typed:
                print(f"{pair[0]} -> {pair[1]}: annotated {gold.get(pair)}, found {found.get(pair)}")


def attribution(corpus: Corpus, folder: Path, wrong: bool) -> None:
    """Print how far the attribution tables agree with the annotated ones."""
    stories = json.loads((folder / "stories.json").read_text(encoding="utf-8"))["stories"]
    cells: Counter[str] = Counter()
    for told in stories:
        for one in told["incidents"]:
            members = corpus.incidents.get(one["global_id"], [])
            if not members:
                continue
            largest = Counter(corpus.graph.incident_id(name) for name in members).most_common(1)[0][0]
            view = incident(corpus.graph, largest)
            for side in ("affirmed_by", "rejected_by"):
                theirs = {(agent, by) for agent, row in one["contested_attribution"].items() for by in row[side]}
                ours = _cells(corpus, view, side)
                cells[f"{side} both"] += len(theirs & ours)
                cells[f"{side} annotated"] += len(theirs)
                cells[f"{side} found"] += len(ours)
                if wrong and theirs != ours:
                    print(one["global_id"], side, "missed", sorted(theirs - ours), "more", sorted(ours - theirs))
    print("| attribution cells | precision | recall | F1 |\n| --- | --- | --- | --- |")
    for side in ("affirmed_by", "rejected_by"):
        hits, cells_found, annotated = (cells[f"{side} {what}"] for what in ("both", "found", "annotated"))
        print(f"| {side} ({annotated}) | {f1(hits, cells_found, annotated)} |")


def _cells(corpus: Corpus, view: IncidentView, side: str) -> set[Pair]:
    """(agent, source) of one side; what careful readers may differ on, and what roll-up entails, is left out."""
    found = set()
    for row in view.attribution:
        for stance in row.affirming if side == "affirmed_by" else row.rejecting:
            sure: Iterable[ResolvedClaim] = (corpus.graph.claims[name] for name in stance.claims)
            if stance.scope == "direct" and any(claim.claim.confidence > 0.5 for claim in sure):
                found.add((row.actor, stance.source))
    return found


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--identity", choices=["linker", "annotated"], default="linker")
    parser.add_argument("--wrong", action="store_true", help="list what differs")
    parser.add_argument("--rules", action="store_true", help="how often each rule is right")
    asked = parser.parse_args()
    corpus = read(asked.gold, asked.identity)
    kinds = Counter(claim.claim.type for claim in corpus.graph.claims.values())
    told = ", ".join(f"{kinds[kind]} {kind.noun}s" for kind in ClaimType)
    print(f"{len(corpus.graph.articles)} articles, {told}; incidents joined by: {asked.identity}")
    report(corpus, asked.wrong, asked.rules)
    attribution(corpus, asked.gold, asked.wrong)


if __name__ == "__main__":
    main()
