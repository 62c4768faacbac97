"""How fast RDF is written, beside peers of the same run, and how much memory that takes. Prints figures, asserts none.

`python -m tests.benchmarks.rdf [--claims 4000] [--triples 100000] [--json]`. An invented graph of so many claims is
written as N-Triples beside a writer of the same triples made by hand for this very graph, and as Turtle beside rdflib's
serialiser, which is given its statements ready in memory. Then a process of its own writes so many triples in
each profile and format, and tells how much larger it grew by that; `--triples 1000000` is what the aim is about.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

from app.extraction.base import ReadingBuilder
from app.graph import ConflictGraph, fold
from app.rdf.dataset import quads
from app.rdf.jsonld import load_context
from app.rdf.serialise import FORMATS, write
from app.rdf.shapes import as_rdflib
from app.rdf.terms import GEO, OA, PLM, PROV, RDF, RDFS, SCHEMA, SEM, XSD, Profile
from app.vocabulary.records import Actor, Article, Place, Reading
from app.vocabulary.terms import ActorKind, ClaimType, Modality, NodeKind
from tests.benchmarks.figures import Goal, Table, Told, at_least, at_most, shown, times

ROOT = Path(__file__).resolve().parents[2]
PER_ARTICLE = 5
TRIPLES_OF_A_CLAIM = 40
"""About so many, with its share of what it names."""


def invented(claims: int) -> ConflictGraph:
    """A graph of so many accusations by 100 actors, five to an article, each about an incident in one of ten places."""
    names = [f"Party {number}" for number in range(100)]
    entries: list[Article | Reading | Actor | Place] = [Actor(name, ActorKind.ARMED_GROUP) for name in names]
    entries += [Place(f"Town {n}", "XAR", 40.0 + n, 10.0 + n, "settlement") for n in range(10)]
    for number in range(-(-claims // PER_ARTICLE)):
        sentences = [
            f"“{names[(number + k) % 100]}” accused {names[(number + 3 * k + 1) % 100]} of raid no. {number}.{k}."
            for k in range(PER_ARTICLE)
        ]
        day = f"2026-{1 + number % 12:02d}-{1 + number % 28:02d}"
        article = Article(
            f"Raid {number}", " ".join(sentences), day, f"Paper {number % 20}", f"https://p.example/{number}"
        )
        builder = ReadingBuilder(article, "bench@1")
        for k, sentence in enumerate(sentences):
            at = builder.locate(sentence)
            assert at is not None
            who, whom = (
                builder.mention(NodeKind.ACTOR, names[(number + n) % 100], at, ActorKind.ARMED_GROUP)
                for n in (k, 3 * k + 1)
            )
            where = builder.mention(NodeKind.PLACE, f"Town {number % 10}", at, country="XAR")
            builder.claim(
                ClaimType.ACCUSES, speaker=who, source=who, target=whom, modality=Modality.ASSERTED, evidence=at,
                incident=builder.incident("raid", at, where, "XAR", day), date=day, confidence=0.75,
                cue="accuse/active",
            )  # fmt: skip
        entries += [article, builder.reading()]
    return fold(enumerate(entries, start=1), lambda revision: "2026-03-10T08:00:00.000+00:00")


def line_by_line(graph: ConflictGraph, out: BinaryIO) -> None:
    """The same triples by code that streams them line by line, as one would write it for this graph alone.

    With all that is said of a thing in one f-string it would take longer: one letter of a quote that is not ASCII makes
    the whole string wide.
    """
    b = "https://w3id.org/polemos/id/"

    def text(value: str) -> str:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r") + '"'

    def lines() -> Iterator[str]:
        d = f"<{b}dataset/claims-{graph.revision}>"
        yield f"{d} <{RDF}type> <http://rdfs.org/ns/void#Dataset> .\n"
        yield f"{d} <{RDF}type> <{PROV}Entity> .\n"
        yield f'{d} <{RDFS}label> "Polemos, profile claims, ledger revision {graph.revision}" .\n'
        yield f'{d} <{PLM}revision> "{graph.revision}"^^<{XSD}integer> .\n'
        yield f'{d} <{PLM}profile> "claims" .\n'
        yield f"{d} <http://rdfs.org/ns/void#vocabulary> <{PLM}> .\n"
        yield f"{d} <http://purl.org/dc/terms/conformsTo> <https://w3id.org/polemos/ns/1.2.0> .\n"
        for publisher in sorted({str(a.publisher) for a in graph.articles.values()}):
            s = f"<{b}publisher/{publisher.lower().replace(' ', '-')}>"
            yield f"{s} <{RDF}type> <{SCHEMA}Organization> .\n"
            yield f"{s} <{SCHEMA}name> {text(publisher)} .\n"
        readings = {name: Reading(name, "bench@1").id for name in graph.articles}
        yield f"<{b}extractor/bench@1> <{RDF}type> <{PROV}SoftwareAgent> .\n"
        yield f'<{b}extractor/bench@1> <{RDFS}label> "bench@1" .\n'
        for a in graph.articles.values():
            s, r = (f"<{b}article/{a.id}>", f"<{b}reading/{readings[a.id]}>")
            yield f"{s} <{RDF}type> <{SCHEMA}NewsArticle> .\n"
            yield f"{s} <{SCHEMA}headline> {text(a.title)} .\n"
            yield f"{s} <{SCHEMA}publisher> <{b}publisher/{str(a.publisher).lower().replace(' ', '-')}> .\n"
            yield f'{s} <{SCHEMA}datePublished> "{a.published}"^^<{XSD}date> .\n'
            yield f"{s} <{SCHEMA}url> {text(str(a.url))}^^<{XSD}anyURI> .\n"
            yield f"{r} <{RDF}type> <{PLM}Reading> .\n"
            yield f"{r} <{RDF}type> <{PROV}Activity> .\n"
            yield f"{r} <{PROV}used> {s} .\n"
            yield f"{r} <{PROV}wasAssociatedWith> <{b}extractor/bench@1> .\n"
        for actor in graph.actors.values():
            s = f"<{b}actor/{actor.id}>"
            yield f"{s} <{RDF}type> <{PLM}Actor> .\n"
            yield f"{s} <{RDF}type> <{SEM}Actor> .\n"
            yield f"{s} <{RDF}type> <{PLM}ArmedGroup> .\n"
            yield f"{s} <{RDFS}label> {text(actor.name)} .\n"
        for place in graph.places.values():
            s = f"<{b}place/{place.id}>"
            yield f"{s} <{RDF}type> <{PLM}Place> .\n"
            yield f"{s} <{RDF}type> <{SEM}Place> .\n"
            yield f"{s} <{RDFS}label> {text(place.name)} .\n"
            yield f"{s} <{PLM}placePrecision> <{PLM}SettlementPrecision> .\n"
            yield f"{s} <{PLM}country> {text(str(place.country))} .\n"
            yield f"{s} <{GEO}hasGeometry> {s[:-1]}#geometry> .\n"
            yield f"{s[:-1]}#geometry> <{RDF}type> <{GEO}Geometry> .\n"
            yield f'{s[:-1]}#geometry> <{GEO}asWKT> "POINT({place.lon} {place.lat})"^^<{GEO}wktLiteral> .\n'
        for i in graph.incidents.values():
            s, p = (f"<{b}incident/{i.id}>", f"<{b}place/{i.place}>")
            yield f"{s} <{RDF}type> <{PLM}Incident> .\n"
            yield f"{s} <{RDF}type> <{SEM}Event> .\n"
            yield f"{s} <{RDFS}label> {text(i.label)} .\n"
            yield f"{s} <{PLM}incidentType> {text(i.types[0])} .\n"
            yield f"{s} <{PLM}locatedIn> {p} .\n"
            yield f"{s} <{SEM}hasPlace> {p} .\n"
            yield f"{s} <{PLM}country> {text(str(i.country))} .\n"
            yield f'{s} <{SEM}hasEarliestBeginTimeStamp> "{i.date}"^^<{XSD}date> .\n'
            yield f'{s} <{SEM}hasLatestEndTimeStamp> "{i.date}"^^<{XSD}date> .\n'
            yield f"{s} <{PLM}reportedIn> <{b}article/{i.reported_in[0]}> .\n"
        for claim in graph.claims.values():
            c, s = (claim.claim, f"<{b}claim/{claim.claim.id}>")
            h, q = (s[:-1], f"<{b}proposition/{claim.incident}~{claim.target}>")
            yield f"{q} <{RDF}type> <{PLM}Proposition> .\n"
            yield f"{q} <{PLM}incident> <{b}incident/{claim.incident}> .\n"
            yield f"{q} <{PLM}agent> <{b}actor/{claim.target}> .\n"
            yield f"{s} <{RDF}type> <{PLM}Claim> .\n"
            yield f"{s} <{RDF}type> <{PLM}Accusation> .\n"
            yield f"{s} <{PLM}speaker> <{b}actor/{claim.speaker}> .\n"
            yield f"{s} <{PLM}onBehalfOf> <{b}actor/{claim.source}> .\n"
            yield f"{s} <{PLM}target> <{b}actor/{claim.target}> .\n"
            yield f"{s} <{PLM}about> <{b}incident/{claim.incident}> .\n"
            yield f"{s} <{PLM}content> {q} .\n"
            yield f"{s} <{PLM}modality> <{PLM}Asserted> .\n"
            yield f'{s} <{PLM}happenedNotBefore> "{claim.happened.start}"^^<{XSD}date> .\n'
            yield f'{s} <{PLM}happenedNotAfter> "{claim.happened.end}"^^<{XSD}date> .\n'
            yield f'{s} <{PLM}saidOn> "{c.date}"^^<{XSD}date> .\n'
            yield f'{s} <{PLM}published> "{claim.published}"^^<{XSD}date> .\n'
            yield f'{s} <{PLM}ingested> "{claim.ingested}"^^<{XSD}dateTime> .\n'
            yield f"{s} <{PLM}cue> {text(c.cue)} .\n"
            yield f'{s} <{PLM}confidence> "{c.confidence}"^^<{XSD}decimal> .\n'
            yield f"{s} <{PLM}lineage> <{b}article/{claim.lineage}> .\n"
            yield f"{s} <{PROV}wasDerivedFrom> <{b}article/{c.article}> .\n"
            yield f"{s} <{PROV}wasGeneratedBy> <{b}reading/{readings[c.article]}> .\n"
            yield f"{s} <{PLM}evidence> {h}#evidence> .\n"
            yield f"{h}#evidence> <{RDF}type> <{OA}Annotation> .\n"
            yield f"{h}#evidence> <{OA}motivatedBy> <{OA}identifying> .\n"
            yield f"{h}#evidence> <{OA}hasTarget> {h}#passage> .\n"
            yield f"{h}#passage> <{RDF}type> <{OA}SpecificResource> .\n"
            yield f"{h}#passage> <{OA}hasSource> <{b}article/{c.article}> .\n"
            yield f"{h}#passage> <{PLM}inPart> <{PLM}TextPart> .\n"
            yield f"{h}#passage> <{OA}hasSelector> {h}#position> .\n"
            yield f"{h}#passage> <{OA}hasSelector> {h}#quote> .\n"
            yield f"{h}#position> <{RDF}type> <{OA}TextPositionSelector> .\n"
            yield f'{h}#position> <{OA}start> "{c.evidence.start}"^^<{XSD}nonNegativeInteger> .\n'
            yield f'{h}#position> <{OA}end> "{c.evidence.end}"^^<{XSD}nonNegativeInteger> .\n'
            yield f"{h}#quote> <{RDF}type> <{OA}TextQuoteSelector> .\n"
            yield f"{h}#quote> <{OA}exact> {text(c.evidence.quote)} .\n"

    for block in lines():
        out.write(block.encode())


def best(work: Callable[[], object], times: int = 3) -> float:
    """Processor seconds of the quickest of several runs: what else the machine does only ever adds."""
    found = []
    for _ in range(times):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def measure(claims: int, triples: int) -> dict[str, Any]:
    """The figures."""
    graph = invented(claims)
    ours, theirs = io.BytesIO(), io.BytesIO()
    count = write(graph, "ntriples", ours)
    line_by_line(graph, theirs)
    # Else they would be two things.
    same = set(ours.getvalue().split(b"\n")) == set(theirs.getvalue().split(b"\n"))
    del ours, theirs
    # As a service does: what is there for good is not looked at again by every collection.
    gc.collect()
    gc.freeze()
    nowhere = cast("BinaryIO", _Nowhere())
    plain, hand = [], []
    for _ in range(7):
        plain.append(best(lambda: write(graph, "ntriples", nowhere), 1))
        hand.append(best(lambda: line_by_line(graph, nowhere), 1))
    turtle = best(lambda: write(graph, "turtle", io.BytesIO()))
    held = as_rdflib(quads(graph))
    slow = best(lambda: held.serialize(format="turtle"), 1)
    return {
        "claims": len(graph.claims),
        "triples": count,
        "same_triples_by_hand": same,
        "ntriples_triples_per_second": round(count / min(plain)),
        "ntriples_times_as_long_as_line_by_line": _ratio(plain, hand),
        "turtle_triples_per_second": round(count / turtle),
        "turtle_times_rdflib": round(slow / turtle, 1),
        "memory": grown(triples),
    }


def _ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of how many times as long ours took, run by run."""
    return round(statistics.median(a / b for a, b in zip(ours, theirs, strict=True)), 2)


def grown(triples: int) -> dict[str, Any]:
    """How many MB a process of its own grows while it writes so many triples, by profile and format."""
    command = [sys.executable, "-m", "tests.benchmarks.rdf", "--grow", str(triples)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


class _Nowhere(io.RawIOBase):
    """Takes everything and keeps nothing."""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return len(data)  # type: ignore[arg-type] # bytes


def resident() -> float:
    """Resident memory now, in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def grow(triples: int) -> dict[str, object]:
    """Write so many triples in every profile and format, and tell how much memory that took beyond the graph's."""
    graph = invented(triples // TRIPLES_OF_A_CLAIM)
    context = load_context(ROOT / "graph_data" / "ontology")
    at_rest = resident()
    found: dict[str, object] = {"graph_mb": round(at_rest)}
    count = 0
    for profile in (Profile.CLAIMS, Profile.NANOPUB):
        for name, one in FORMATS.items():
            if one.carries(profile):
                written = write(graph, name, _Nowhere(), profile=profile, context=context)  # type: ignore[arg-type]
                count = written if profile is Profile.CLAIMS else count
                found[f"{profile}/{name}"] = round(resident() - at_rest)
    return found | {"triples": count}


def told(found: Mapping[str, Any]) -> Told:
    """Goals and tables of what `measure` found."""
    by_hand, peer = found["ntriples_times_as_long_as_line_by_line"], found["turtle_times_rdflib"]
    rates = {name: f"{found[f'{name}_triples_per_second']:,} triples/s" for name in ("ntriples", "turtle")}
    same = bool(found["same_triples_by_hand"])
    goals = [
        at_most("N-Triples beside a writer made by hand for this graph", by_hand, 1.5, f"time; {rates['ntriples']}"),
        Goal("N-Triples and those by hand", "the same triples", "the same" if same else "not the same", same),
        at_least("Turtle beside rdflib's serialiser", peer, 20, f"rate; {rates['turtle']}"),
    ]
    rows = [
        ["N-Triples", rates["ntriples"], f"{times(by_hand)} the time of a writer made by hand"],
        ["Turtle", rates["turtle"], f"{times(peer)} the rate of rdflib, which has its statements ready in memory"],
    ]
    tables = [
        Table(
            f"{found['triples']:,} triples of {found['claims']:,} claims, processor time",
            ["format", "figure", "beside"],
            rows,
        )
    ]
    grown = dict(found["memory"])
    about = f"MB that a process grows while it writes {grown.pop('triples', 0):,} triples of a graph of"
    title = f"{about} {grown.pop('graph_mb')} MB"
    profiles, formats = (list(dict.fromkeys(key.split("/")[at] for key in grown)) for at in (0, 1))
    cells = [[one, *(str(grown.get(f"{profile}/{one}", "–")) for profile in profiles)] for one in formats]
    return goals, [*tables, Table(title, ["format", *(f"profile {one}" for one in profiles)], cells)]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=4_000)
    parser.add_argument("--triples", type=int, default=100_000)
    parser.add_argument("--grow", type=int)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.grow:
        print(json.dumps(grow(asked.grow)))
        return
    found = measure(asked.claims, asked.triples)
    if asked.json:
        print(json.dumps(found))
        return
    print(shown(told(found)))


if __name__ == "__main__":
    main()
