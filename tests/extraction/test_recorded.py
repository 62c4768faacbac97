"""Annotations in the codebook's format pass the same door as any machine's findings."""

from __future__ import annotations

from typing import Any

import pytest

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


THREAT: dict[str, Any] = {
    **CLAIM,
    "id": "c2",
    "type": "retaliates",
    "modality": "threatened",
    "threat_kind": "ordered",
    "source_named": "Ardanian army",
    "relayed_by": ["Coastal Wire", "Radio Delta"],
}
AVOWAL: dict[str, Any] = {
    "kind": "self_claim",
    "speaker": "Ilana Dorn",
    "actor": "Beloria",
    "incident": "i1",
    "date": "2026-03-04",
    "evidence": "the raid on Kesh",
}


def test_what_an_annotation_says_of_threats_bodies_relays_and_acknowledgements_comes_back() -> None:
    body = {**BODY, "claims": [THREAT], "acknowledgements": [AVOWAL]}
    reading = _read(body)
    written = annotation(annotated_article(body), reading)
    (claim,) = written["claims"]
    for field in ("threat_kind", "source_named", "relayed_by"):
        assert claim[field] == THREAT[field]
    (one,) = written["acknowledgements"]
    assert {field: one[field] for field in AVOWAL if field != "incident"} | {"incident": "i1"} == AVOWAL
    (acknowledgement,) = reading.acknowledgements
    raid = next(incident for incident in reading.incidents if incident.type == "raid")
    assert acknowledgement.incident == raid.id
    assert reading.refusals == ()


def test_a_source_that_is_named_itself_has_no_body() -> None:
    (claim,) = _read({**BODY, "claims": [{**CLAIM, "source_named": "Ardania"}]}).claims
    assert claim.source_named is None


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"threat_kind": "wild"}, "unknown_term"),
        ({"threat_kind": "ordered", "modality": "carried_out"}, "unknown_term"),
        ({"relayed_by": "Coastal Wire"}, "bad_field"),
        ({"relayed_by": ["Coastal Wire", 4]}, "bad_field"),
        ({"source_named": 4}, "bad_field"),
    ],
)
def test_a_bad_value_is_refused_and_the_claim_stays(spoilt: dict[str, Any], reason: str) -> None:
    plain = {**THREAT, "threat_kind": None, "source_named": None, "relayed_by": []}
    reading = _read({**BODY, "claims": [{**plain, **spoilt}]})
    (claim,) = reading.claims
    assert (claim.threat_kind, claim.source_named, claim.relayed_by) == (None, None, ())
    assert [str(refusal.reason) for refusal in reading.refusals] == [reason]


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"kind": "boast"}, "unknown_term"),
        ({"incident": "i9"}, "dangling_reference"),
        ({"evidence": "nowhere at all"}, "quote_not_in_text"),
    ],
)
def test_a_bad_acknowledgement_is_refused(spoilt: dict[str, Any], reason: str) -> None:
    reading = _read({**BODY, "acknowledgements": [{**AVOWAL, **spoilt}]})
    assert reading.acknowledgements == ()
    assert [str(refusal.reason) for refusal in reading.refusals] == [reason]
