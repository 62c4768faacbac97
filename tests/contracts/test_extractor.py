"""What every extractor keeps to, whatever it finds and however it finds it."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.extraction import Extractor, recipe
from app.extraction.explaining import Explainer
from app.extraction.recorded import annotated_article
from app.vocabulary.records import Article
from app.vocabulary.terms import RefusalReason
from tests.model_server import annotated, by_hand, model_server

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "graph_data" / "articles"
pytestmark = pytest.mark.model

HOSTILE = {
    "nothing but marks": "“”\"'«»" * 500,
    "one endless word": "a" * 50_000,
    "one endless sentence": "Russia accused Ukraine and " * 3_000,
    "brackets": "(" * 3_000 + "Iran denied it" + ")" * 3_000,
    "line breaks": "\n".join("Israel said." for _ in range(1_200)),
    "controls": "Russia\x00 accused\x1b[31m Ukraine\u202e of\ufeff lying.\r\n\r" * 20,
    "other scripts": "Россия обвинила Украину. 俄罗斯指责乌克兰。 روسيا تتهم أوكرانيا. " * 30,
    "quotation that never ends": "“Kyiv did it, " + "he said, " * 2_000,
    "emoji and surrogates' neighbours": "🇷🇺 accused 🇺🇦 of 💥\ufffd\U0010ffff " * 100,
}


@pytest.fixture(scope="module", params=["rules", "hybrid", f"recorded:{SAMPLES}", "llm", "both:rules"])
def extractor(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Extractor]:
    """Each of them; the language model's place is taken by a server that answers what a person coded."""
    if request.param.partition(":")[0] not in ("llm", "both"):
        yield recipe(request.param, ROOT / "graph_data").make()
        return
    with model_server(answer=by_hand(annotated(SAMPLES))) as server:
        endpoint = server.endpoint(tmp_path_factory.mktemp("llm"))
        yield recipe(request.param, ROOT / "graph_data", llm=endpoint).make()


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    bodies = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(SAMPLES.glob("*.json"))[:8]]
    return [annotated_article(body) for body in bodies]


def test_it_is_an_extractor_with_a_version(extractor: Extractor) -> None:
    assert isinstance(extractor, Extractor)
    word, _, version = extractor.name.partition("@")
    assert word
    assert version.isdigit()


def test_one_reading_per_article_in_order(extractor: Extractor, articles: list[Article]) -> None:
    readings = list(extractor.read(articles))
    assert [reading.article for reading in readings] == [article.id for article in articles]
    assert {reading.extractor for reading in readings} == {extractor.name}


def test_a_reading_does_not_depend_on_its_neighbours(extractor: Extractor, articles: list[Article]) -> None:
    alone = {article.id: next(iter(extractor.read([article]))) for article in articles}
    shuffled = articles[:]
    random.Random(11).shuffle(shuffled)
    for article, reading in zip(shuffled, extractor.read(shuffled), strict=True):
        assert reading == alone[article.id]


def test_every_quote_stands_in_its_article(extractor: Extractor, articles: list[Article]) -> None:
    claims = 0
    for article, reading in zip(articles, extractor.read(articles), strict=True):
        mentions = {mention.id for mention in reading.mentions}
        for claim in reading.claims:
            claim.evidence.check(article)
            assert {claim.speaker, claim.source, *claim.relayed_by} <= mentions
            assert claim.source_named is None or claim.source_named in mentions - {claim.source}
            assert claim.source != claim.target
            assert 0 <= claim.confidence <= 1
            claims += 1
        incidents = {incident.id for incident in reading.incidents}
        for one in reading.acknowledgements:
            one.evidence.check(article)
            assert {one.speaker, one.actor} <= mentions
            assert one.incident in incidents
        for mention in reading.mentions:
            assert article.part(mention.part)[mention.start : mention.end] == mention.surface
    assert claims > 0


@pytest.mark.parametrize("trap", HOSTILE)
def test_hostile_text_is_read_in_bounded_time(extractor: Extractor, trap: str) -> None:
    article = Article(HOSTILE[trap][:200], HOSTILE[trap], published="2026-03-04")
    began = time.monotonic()
    (reading,) = extractor.read([article])
    assert time.monotonic() - began < 60
    for claim in reading.claims:
        claim.evidence.check(article)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(max_size=400),
    title=st.text(max_size=80),
    cue=st.sampled_from(["accused", "denied", "vowed revenge on"]),
)
def test_no_text_breaks_it(extractor: Extractor, text: str, title: str, cue: str) -> None:
    article = Article(title, f"{text} Iran {cue} Israel {text}", published="2026-03-04")
    (reading,) = extractor.read([article])
    for claim in reading.claims:
        claim.evidence.check(article)
    for refusal in reading.refusals:
        assert refusal.reason in RefusalReason
        assert refusal.detail


def test_what_can_explain_explains_what_it_reads(extractor: Extractor, articles: list[Article]) -> None:
    if not isinstance(extractor, Explainer):
        assert extractor.name == "recorded@1" or "llm:" in extractor.name
        return
    readings = extractor.read(articles)
    for article, reading, sentences in zip(articles, readings, extractor.explain(articles), strict=True):
        made = [c for sentence in sentences for c in sentence.considered if c.made]
        assert len(made) >= len(reading.claims)  # the door may refuse a claim as a duplicate
        told = {(s.part, s.start) for s in sentences}
        assert {(c.part, c.start) for c in made} <= told
        for sentence in sentences:
            assert article.part(sentence.part)[sentence.start : sentence.end].strip() == sentence.text
            if sentence.likely:
                assert all(0 <= chance <= 1 for chance in sentence.likely.values())
