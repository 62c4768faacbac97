"""How fast SPARQL answers at half a million claims, and how soon it knows of one article more.

`python -m tests.benchmarks.sparql FOLDER`, where FOLDER is the one into which `tests.benchmarks.icews` has put its
ledger (or `--ledger PATH`). Out: how long the store takes to be filled and how large it is, how long it takes to follow
one article, and the latency of each query over pairs, incidents and claims drawn from the data, waiting for the process
that answers included. Prints figures and asserts none.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec

from app.extraction import ReadingBuilder
from app.graph import ConflictGraph, Fold
from app.ledger import open_ledger
from app.pipeline.history import bring_up_to_date, open_fold
from app.rdf import Answer, Dataset
from app.vocabulary.records import Article
from app.vocabulary.terms import ClaimType, Modality, NodeKind
from tests.benchmarks.figures import Goal, Table, Told, ms

ROOT = Path(__file__).resolve().parents[2]
SEED = 18
DRAWS = 60

# The questions that the ontology was made for, each about one pair, incident, claim or actor.
PAIR = """SELECT ?claim ?incident ?denier WHERE {
  ?claim a plm:Accusation ; plm:onBehalfOf actor:%(by)s ; plm:target actor:%(to)s ; plm:about ?incident .
  OPTIONAL { ?denial a plm:Denial ; plm:respondsTo ?claim ; plm:onBehalfOf ?denier } }"""
ATTRIBUTION = """SELECT ?agent (SUM(IF(?type = plm:Accusation, 1, 0)) AS ?for)
  (SUM(IF(?type = plm:Denial, 1, 0)) AS ?against) WHERE {
  ?p plm:incident incident:%(incident)s ; plm:agent ?agent . ?c plm:content ?p ; a ?type } GROUP BY ?agent"""
ROLLED_UP = """SELECT ?whole (COUNT(DISTINCT ?c) AS ?claims) WHERE {
  ?p plm:incident incident:%(incident)s ; plm:agent/plm:partOfActor* ?whole . ?c plm:content ?p
  FILTER NOT EXISTS { ?whole plm:partOfActor ?higher } } GROUP BY ?whole"""
THREAD = "SELECT ?reply ?type WHERE { ?reply plm:respondsTo+ claim:%(claim)s ; a ?type }"
THREATS = """SELECT ?to ?m WHERE { ?c a plm:Retaliation ; plm:onBehalfOf actor:%(by)s ; plm:target ?to ; plm:modality ?m
  FILTER(?m != plm:CarriedOut) }"""
FIREWALL = "ASK { ?a plm:perpetrated ?i }"
FIRST = """SELECT ?by ?accused ?incident ?denier WHERE {
  ?c a plm:Accusation ; plm:onBehalfOf ?by ; plm:target ?accused ; plm:about ?incident .
  OPTIONAL { ?d a plm:Denial ; plm:respondsTo ?c ; plm:onBehalfOf ?denier } } LIMIT 100"""
QUERIES = {
    "accusations of a pair, with who denies": PAIR,
    "attribution of an incident": ATTRIBUTION,
    "the same, rolled up": ROLLED_UP,
    "thread of an accusation": THREAD,
    "threats of an actor, not done": THREATS,
    "firewall": FIREWALL,
    "all accusations, with who denies: the first 100": FIRST,
}


def timed(work: Callable[[], object]) -> float:
    """Wall seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def drawn(graph: ConflictGraph, count: int) -> list[dict[str, str]]:
    """Accusations about an incident, each with what the queries ask about."""
    claims = sorted(
        claim.id
        for claim in graph.claims.values()
        if claim.claim.type is ClaimType.ACCUSES and claim.incident and claim.target
    )
    found = []
    for name in random.Random(SEED).sample(claims, min(count, len(claims))):
        claim = graph.claims[name]
        found.append({"claim": name, "by": claim.source, "to": claim.target or "", "incident": claim.incident or ""})
    return found


def one_more(fold: Fold, number: int) -> ConflictGraph:
    """The graph after an article of one accusation, of the kind that a wire sends."""
    article = Article(f"Norland accuses Sudria, {number}", f"Norland accused Sudria of it, {number}.", "2026-03-04")
    builder = ReadingBuilder(article, "benchmark@1")
    at = builder.locate(f"Norland accused Sudria of it, {number}.")
    assert at is not None
    who, whom = (builder.mention(NodeKind.ACTOR, name, at) for name in ("Norland", "Sudria"))
    incident = builder.incident("shelling", at)
    builder.claim(
        ClaimType.ACCUSES, speaker=who, source=who, target=whom, modality=Modality.ASSERTED, evidence=at,
        incident=incident,
    )  # fmt: skip
    revision = fold.graph.revision
    return fold.feed([(revision + 1, article), (revision + 2, builder.reading())])


class Asked(msgspec.Struct, frozen=True):
    """One query over all that was drawn, in milliseconds; `rows` is the mean of an answer."""

    query: str
    median_ms: float
    p95_ms: float
    most_ms: float
    rows: float


class SparqlResult(msgspec.Struct, frozen=True):
    """All of it.

    Attributes:
        filled_s: Until the store was filled.
        follows_ms: From one article more until an answer knows of it: the median.
        at_rest_ms: The same where nothing is new.
    """

    claims: int
    triples: int
    filled_s: float
    disk_mb: float
    follows_ms: float
    follows_most_ms: float
    at_rest_ms: float
    queries: list[Asked]


def measure(ledger: str, snapshots: Path | None = None) -> SparqlResult:
    """Measure everything and print it on the way; the graph comes from its snapshot where there is one."""
    with closing(open_ledger(ledger)) as opened:
        fold = open_fold(opened, snapshots)
        seconds = timed(lambda: bring_up_to_date(fold, opened))
        return _measure(fold, seconds)


def _measure(fold: Fold, folded_s: float) -> SparqlResult:
    graph = fold.graph
    chosen = drawn(graph, DRAWS)
    claims = len(graph.claims)
    print(f"fold: {folded_s:.1f} s, {claims:,} claims, {len(graph.articles):,} articles", flush=True)
    with tempfile.TemporaryDirectory() as folder, Dataset(workers=1, folder=Path(folder)) as dataset:

        def ask(text: str) -> Answer:
            return dataset.query(graph, text, timeout_s=60)

        filled = timed(lambda: ask("ASK {}"))
        copy = dataset.newest()
        assert copy is not None
        triples = copy.triples
        dataset.release(copy)
        size = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.stat().st_nlink == 1) / 1e6
        linked = {f.stat().st_ino: f.stat().st_size for f in Path(folder).rglob("*") if f.stat().st_nlink > 1}
        size += sum(linked.values()) / 1e6
        print(f"store: {triples:,} statements in {filled:.1f} s ({triples / filled:,.0f}/s), {size:,.0f} MB on disk")
        follows = []
        for number in range(10):
            assert one_more(fold, number) is graph
            follows.append(1000 * timed(lambda: ask("ASK {}")))
        median = statistics.median(follows)
        again = 1000 * statistics.median(timed(lambda: ask("ASK {}")) for _ in range(10))
        print(
            f"one article more: {median:.0f} ms until an answer knows of it (most {max(follows):.0f}), {again:.1f} ms "
            f"where nothing is new; all anew is {1000 * filled / median:,.0f} times as much"
        )
        print(f"{'query':48} {'median':>9} {'95 %':>9} {'most':>9} {'rows':>8}")
        queries = []
        for name, text in QUERIES.items():
            took, rows = [], []
            for about in chosen:
                start = time.perf_counter()
                found = ask(text % about if "%(" in text else text)
                took.append(1000 * (time.perf_counter() - start))
                rows.append(len(found.rows()))
            took.sort()
            one = Asked(
                name, statistics.median(took), took[int(0.95 * len(took))], took[-1], float(statistics.mean(rows))
            )
            queries.append(one)
            print(f"{name:48} {one.median_ms:6.1f} ms {one.p95_ms:6.1f} ms {one.most_ms:6.1f} ms {one.rows:8.1f}")
    return SparqlResult(claims, triples, filled, size, median, max(follows), again, queries)


def told(found: SparqlResult) -> Told:
    """Goals and tables."""
    slowest = max(found.queries, key=lambda one: one.median_ms)
    goals = [
        Goal("SPARQL knows of one article more", "≤ 1 s", f"{ms(found.follows_ms)} ms", found.follows_ms <= 1000),
        Goal(
            "the slowest of the questions in SPARQL, median",
            "≤ 100 ms",
            f"{ms(slowest.median_ms)} ms ({slowest.query})",
            slowest.median_ms <= 100,
        ),
    ]
    head = ["query", "median ms", "95 of a hundred, ms", "most ms", "rows of an answer"]
    rows = [
        [one.query, ms(one.median_ms), ms(one.p95_ms), ms(one.most_ms), f"{one.rows:,.1f}"] for one in found.queries
    ]
    store = [
        ["filling the store", f"{found.filled_s:.1f} s: {found.triples / found.filled_s:,.0f} statements a second"],
        ["its size on disk", f"{found.disk_mb:,.0f} MB"],
        [
            "until an answer knows of one article more",
            f"{ms(found.follows_ms)} ms; most {ms(found.follows_most_ms)} ms",
        ],
        ["where nothing is new", f"{ms(found.at_rest_ms)} ms"],
    ]
    return goals, [
        Table(f"{found.triples:,} statements about {found.claims:,} claims", ["what", "figure"], store),
        Table("Questions, waiting for the process that answers included", head, rows),
    ]


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="where tests.benchmarks.icews has put its ledger")
    parser.add_argument("--ledger", help="another ledger, by its path")
    arguments = parser.parse_args()
    path = Path(arguments.ledger) if arguments.ledger else (arguments.folder or Path()) / "icews18.sqlite"
    if not path.is_file():
        print(f"there is no ledger at {path}; tests.benchmarks.icews makes one", file=sys.stderr)
        return 1
    measure(f"sqlite:///{path.resolve()}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
