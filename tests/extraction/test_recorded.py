"""Annotations in the codebook's format pass the same door as any machine's findings."""

from __future__ import annotations

from typing import Any

from app.extraction import annotation
from app.extraction.recorded import RecordedExtractor, annotated_article
from app.vocabulary.records import Reading

CLAIM: dict[str, Any] = {
    "id": "c1",
    "type": "accuses",
    "speaker": "Tomas Revik",
    "source": "Ardania",
    "target": "Beloria",
    "incident": "i1",
    "modality": "asserted",
    "date": "2026-03-04",
    "responds_to": None,
    "evidence": "Revik accused Beloria of the raid",
}
BODY: dict[str, Any] = {
    "id": "one",
    "title": "Raid on Kesh",
    "publisher": "Post",
    "published": "2026-03-04",
    "url": "https://example.org/1",
    "text": "\n\nRevik accused Beloria of the raid on Kesh.",
    "incidents": [
        {"id": "i1", "type": "raid", "place": "Kesh", "country": "XAR", "date": "2026-03-03"},
        {"id": "i2", "type": "fire", "place": None, "country": None, "date": None},
    ],
    "claims": [CLAIM],
}


def _read(body: dict[str, Any]) -> Reading:
    article = annotated_article(body)
    (reading,) = RecordedExtractor({article.id: body}).read([article])
    for incident in reading.incidents:
        incident.evidence.check(article)
    for claim in reading.claims:
        claim.evidence.check(article)
    return reading


def test_an_annotation_comes_back_as_it_went_in() -> None:
    reading = _read(BODY)
    written = annotation(annotated_article(BODY), reading)
    assert written["id"] == "one"
    (claim,) = written["claims"]
    same = ("type", "speaker", "source", "target", "modality", "date", "responds_to", "evidence")
    assert {name: claim[name] for name in same} == {name: CLAIM[name] for name in same}
    assert claim["confidence"] == 1.0
    assert [i["type"] for i in written["incidents"]] == ["raid", "fire"]


def test_an_incident_without_a_claim_is_described_by_the_opening_words() -> None:
    fire = next(incident for incident in _read(BODY).incidents if incident.type == "fire")
    assert fire.evidence.quote == "Revik accused Beloria of the raid on Kesh."


def test_a_quote_that_is_not_there_is_refused() -> None:
    reading = _read({**BODY, "claims": [{**CLAIM, "evidence": "Revik thanked Beloria"}]})
    assert reading.claims == ()
    assert [str(refusal.reason) for refusal in reading.refusals] == ["quote_not_in_text"]
