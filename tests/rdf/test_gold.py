"""The annotated corpus, where it lies beside the checkout, is published whole, and a sample of it conforms."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import RdfFormat, parse

from app.extraction.recorded import RecordedExtractor, annotated_article
from app.graph import ConflictGraph, fold
from app.rdf.serialise import FORMATS, write
from app.rdf.shapes import validate
from app.vocabulary.records import Article, Reading

GOLD = Path(__file__).resolve().parents[2].parent / "shared" / "gold"

Entries = list[tuple[Article, Reading]]


@pytest.fixture(scope="module")
def entries() -> Entries:
    bodies = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(GOLD.glob("*.json"))]
    articles = [annotated_article(b) for b in bodies if isinstance(b, dict) and isinstance(b.get("claims"), list)]
    if not articles:
        pytest.skip("the annotated corpus is not beside this checkout")
    return list(zip(articles, RecordedExtractor.from_folder(GOLD).read(articles), strict=True))


def folded(entries: Entries) -> ConflictGraph:
    return fold((number + 1, entry) for number, pair in enumerate(entries) for entry in pair)


def test_every_format_carries_the_corpus(entries: Entries) -> None:
    graph = folded(entries)
    assert len(graph.claims) > 2_000
    bodies = {}
    for name in FORMATS:
        out = io.BytesIO()
        count = write(graph, name, out)
        bodies[name] = {quad.triple for quad in parse(out.getvalue(), FORMATS[name].rdf_format())}
        assert len(bodies[name]) == count
    assert all(body == bodies["ntriples"] for body in bodies.values())


def test_a_sample_conforms_and_rdflib_reads_it(entries: Entries, shapes: Path, tmp_path: Path) -> None:
    graph = folded(entries[::12])
    assert len(graph.claims) > 150
    path = tmp_path / "sample.ttl"
    count = write(graph, "turtle", path)
    assert len(rdflib.Graph().parse(path)) == count
    report = validate(path, shapes)
    assert report.conforms, report.text
    assert sum(1 for _ in parse(path=path, format=RdfFormat.TURTLE)) == report.triples
