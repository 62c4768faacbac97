"""RDF over HTTP: whole, in part by the filters of the claims endpoints, as it was, and in every profile and format."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from pyoxigraph import NamedNode, Quad, parse

from app.rdf import terms
from app.rdf.serialise import FORMATS
from app.rdf.terms import PLM, Profile

ALL = [(profile, name) for profile in Profile for name, one in FORMATS.items() if one.carries(profile)]
A = NamedNode(terms.RDF + "type")


def statements(found: Any, format_: str) -> list[Quad]:
    assert found.status_code == 200, found.text
    return list(parse(found.content, FORMATS[format_].rdf_format()))


def instances(quads: list[Quad], class_: str) -> set[str]:
    wanted = NamedNode(PLM + class_)
    return {str(q.subject.value).rpartition("/")[2] for q in quads if q.predicate == A and q.object == wanted}  # type: ignore[union-attr]


@pytest.mark.parametrize(("profile", "format_"), ALL)
def test_every_profile_in_every_format_that_carries_it(client: Any, profile: Profile, format_: str) -> None:
    found = client.get(f"/export?format={format_}&profile={profile}")
    assert found.headers["content-type"].startswith(FORMATS[format_].media_type)
    assert found.headers["content-length"] == str(len(found.content))
    assert instances(statements(found, format_), "Actor")
    assert client.get(f"/export?format={format_}&profile={profile}").content == found.content


def test_what_cannot_be_carried_is_told_with_what_can(client: Any) -> None:
    refused = client.get("/export?format=turtle&profile=nanopub").json()
    assert refused["detail"] == (
        "turtle cannot carry the named graphs of profile nanopub; choose one of nquads, trig, jsonld"
    )
    assert "ntriples" in client.get("/export?format=jsonld&profile=rdf12").json()["detail"]


FILTERS: list[dict[str, str]] = [
    {"source": "Norland"},
    {"target": "Sudria", "rollup": "off"},
    {"type": "denies"},
    {"since": "2024-03-03", "until": "2024-12-31"},
    {"since": "2024", "clock": "published"},
    {"min_confidence": "0.6"},
    {"place": "Kesh"},
    {"source": "Norland", "as_of": "1"},
]


@pytest.mark.parametrize("asked", FILTERS, ids=lambda one: "-".join(one))
def test_a_part_holds_the_claims_that_the_endpoints_give_for_the_same_filters(
    client: Any, asked: dict[str, str]
) -> None:
    kinds = [asked["type"]] if "type" in asked else ["accuses", "denies", "retaliates"]
    paths = {"accuses": "/accusations", "denies": "/denials", "retaliates": "/retaliations"}
    rest = {name: value for name, value in asked.items() if name != "type"}
    wanted = set()
    for kind in kinds:
        answer = client.get(f"{paths[kind]}?{urlencode(rest | {'limit': '500'})}")
        if answer.status_code != 200:
            pytest.fail(answer.text)
        wanted |= {one["id"] for one in answer.json()["claims"]}
    assert wanted
    for profile, format_ in ((Profile.CLAIMS, "ntriples"), (Profile.NANOPUB, "trig"), (Profile.CLAIMS, "jsonld")):
        found = client.get(f"/export?{urlencode(asked | {'format': format_, 'profile': profile})}")
        assert instances(statements(found, format_), "Claim") == wanted


def test_a_part_says_that_it_is_one_and_by_which_filters(client: Any, services: Any) -> None:
    quads = statements(client.get("/export?format=ntriples&type=denies&source=Sudria"), "ntriples")
    (told,) = [q for q in quads if q.predicate.value == PLM + "selection"]
    assert told.object.value.startswith("rollup=full source=Sudria source_id=actor-sudria type=denies")  # type: ignore[union-attr]
    (whole,) = [q for q in quads if q.predicate.value == terms.DCTERMS + "isPartOf"]
    assert whole.object.value.endswith("/dataset/claims-1")  # type: ignore[union-attr]
    other = statements(client.get("/export?format=ntriples&type=denies&source=Norland"), "ntriples")
    assert {q.subject for q in other if q.predicate.value == PLM + "selection"}.isdisjoint({told.subject})
    everything = statements(client.get("/export?format=ntriples"), "ntriples")
    assert not [q for q in everything if q.predicate.value == PLM + "selection"]


def test_a_part_conforms(client: Any, tmp_path: Any, services: Any) -> None:
    from app.rdf.shapes import validate

    for profile, suffix, format_ in ((Profile.CLAIMS, "nt", "ntriples"), (Profile.NANOPUB, "trig", "trig")):
        for asked in FILTERS:
            path = tmp_path / f"part.{suffix}"
            path.write_bytes(
                client.get(f"/export?{urlencode(asked | {'format': format_, 'profile': profile})}").content
            )
            report = validate(path, services.data / "shapes")
            assert report.conforms, (asked, report.text)
