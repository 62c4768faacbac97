"""What is said of a graph, what is not, and that it is said the same way every time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import rdflib
from pyoxigraph import Literal, NamedNode, Quad, Triple

from app.graph import ConflictGraph, Fold, Slice, fold
from app.rdf import terms
from app.rdf.chosen import dataset_name
from app.rdf.dataset import Statements, quads
from app.rdf.sparql import query
from app.rdf.terms import PLM, Profile
from app.vocabulary.errors import BadQuery, NotFound
from app.vocabulary.records import Decision, Reading
from app.vocabulary.terms import (
    AcknowledgementKind,
    ActorKind,
    ClaimType,
    DecisionKind,
    DenialKind,
    Modality,
    NodeKind,
    Rung,
)

if TYPE_CHECKING:
    from tests.rdf.conftest import Dispute, Story

BASE = terms.BASE_IRI


def said(statements: list[Quad], subject: str, predicate: str) -> list[str]:
    """Values of a property, IRIs shortened to what follows our base or namespace."""
    found = []
    for quad in statements:
        if quad.subject == NamedNode(BASE + subject) and quad.predicate.value == predicate:
            value = quad.object
            assert isinstance(value, (NamedNode, Literal))
            found.append(value.value.removeprefix(BASE).removeprefix(PLM))
    return found


@pytest.fixture(scope="module")
def statements(graph: ConflictGraph) -> list[Quad]:
    return list(quads(graph))


def test_the_dispute_covers_what_there_is_to_cover(graph: ConflictGraph) -> None:
    claims = [resolved.claim for resolved in graph.claims.values()]
    assert {claim.type for claim in claims} == set(ClaimType)
    assert {claim.modality for claim in claims} == set(Modality)
    assert {claim.denial_kind for claim in claims} == {None, *DenialKind}
    assert {claim.rung for claim in claims} == {None, *Rung}
    assert {one.acknowledgement.kind for one in graph.acknowledgements.values()} == set(AcknowledgementKind)
    assert {claim.evidence.part for claim in claims} == {"title", "text"}
    assert None in {claim.target for claim in claims}


def test_no_statement_comes_twice_and_none_is_blank(statements: list[Quad]) -> None:
    assert len(statements) == len(set(statements))
    assert all(isinstance(quad.subject, NamedNode) for quad in statements)


def test_the_first_node_states_the_revision(graph: ConflictGraph, statements: list[Quad]) -> None:
    assert statements[0].subject == NamedNode(f"{BASE}dataset/claims-{graph.revision}")
    assert said(statements, f"dataset/claims-{graph.revision}", PLM + "revision") == [str(graph.revision)]


def test_the_data_set_of_a_slice_is_another_and_says_which(dispute: Dispute) -> None:
    held = Fold(str, lambda until: list(enumerate(dispute.entries, 1))[:until], Slice(actors=("Ardania",)))
    held.load(len(dispute.entries))
    graph = held.graph
    name = f"dataset/{dataset_name(graph, 'claims')}"
    statements = list(quads(graph))
    assert statements[0].subject == NamedNode(BASE + name)
    assert name.startswith(f"dataset/claims-{graph.revision}-")
    assert said(statements, name, PLM + "selection") == ["slice=actors=Ardania"]
    assert said(statements, name, terms.DCTERMS + "isPartOf") == [f"dataset/claims-{graph.revision}"]
    assert graph.to_networkx("dyads").graph["slice"] == "actors=Ardania"
    assert "slice" not in dispute.graph.to_networkx("dyads").graph


def test_a_claim_carries_what_the_ledger_knows_of_it(dispute: Dispute, statements: list[Quad]) -> None:
    claim = f"claim/{dispute.ids['accused']}"
    expected = {
        "speaker": "actor/actor-ana-vey",
        "onBehalfOf": "actor/actor-ardania",
        "target": "actor/actor-beloria",
        "targetAsNamed": "actor/actor-belorian-army",
        "about": f"incident/{dispute.ids['shelling']}",
        "content": f"proposition/{dispute.ids['shelling']}~actor-beloria",
        "modality": "Asserted",
        "saidOn": "2026-03-03",
        "confidence": "1.0",
        "cue": "hand/written",
    }
    assert {name: said(statements, claim, PLM + name) for name in expected} == {k: [v] for k, v in expected.items()}
    assert said(statements, claim, terms.RDF + "type") == ["Claim", "Accusation"]
    (reading,) = said(statements, claim, terms.PROV + "wasGeneratedBy")
    assert said(statements, reading, terms.PROV + "wasAssociatedWith") == ["extractor/by-hand@1"]


def test_evidence_stands_at_its_offsets_in_its_half_of_the_article(
    dispute: Dispute, graph: ConflictGraph, statements: list[Quad]
) -> None:
    for name, part in (("headline", "TitlePart"), ("strange", "TextPart")):
        claim = graph.claims[dispute.ids[name]].claim
        node = f"claim/{claim.id}"
        (start,) = said(statements, node + "#position", terms.OA + "start")
        (end,) = said(statements, node + "#position", terms.OA + "end")
        (quote,) = said(statements, node + "#quote", terms.OA + "exact")
        article = dispute.articles[claim.article].part(claim.evidence.part)
        assert article[int(start) : int(end)] == quote
        assert said(statements, node + "#passage", PLM + "inPart") == [part]


def test_what_is_unknown_is_left_out(dispute: Dispute, statements: list[Quad]) -> None:
    bare = f"claim/{dispute.ids['bare']}"
    for name in ("target", "targetAsNamed", "about", "content", "denialKind", "respondsTo", "saidOn"):
        assert said(statements, bare, PLM + name) == []
    (article,) = said(statements, bare, terms.PROV + "wasDerivedFrom")
    assert said(statements, article, terms.RDF + "type") == [terms.SCHEMA + "NewsArticle"]
    for name in ("headline", "publisher", "datePublished", "url"):
        assert said(statements, article, terms.SCHEMA + name) == []


def test_a_date_that_is_no_single_day_has_bounds(dispute: Dispute, statements: list[Quad]) -> None:
    vowed, denied = (f"claim/{dispute.ids[name]}" for name in ("vowed", "denied"))
    assert said(statements, vowed, PLM + "saidOn") == ["2026-03"]
    assert said(statements, vowed, PLM + "saidNotBefore") == ["2026-03-01"]
    assert said(statements, vowed, PLM + "saidNotAfter") == ["2026-03-31"]
    assert said(statements, denied, PLM + "saidOn") == []
    assert said(statements, denied, PLM + "saidNotAfter") == ["2026-03-05"]


def test_a_denial_has_content_only_where_what_it_rejects_is_known(dispute: Dispute, statements: list[Quad]) -> None:
    shelling = dispute.ids["shelling"]
    expected = {
        "denied": [f"proposition/{shelling}~actor-beloria"],
        "nothing": [f"proposition/{shelling}"],
        "accident": [],
        "bare": [],
    }
    assert {n: said(statements, f"claim/{dispute.ids[n]}", PLM + "content") for n in expected} == expected
    assert said(statements, f"proposition/{shelling}", PLM + "agent") == []


def test_a_claim_may_answer_an_incident(dispute: Dispute, statements: list[Quad]) -> None:
    answered = said(statements, f"claim/{dispute.ids['vowed']}", PLM + "respondsTo")
    assert answered == [f"incident/{dispute.ids['shelling']}"]


def test_who_is_named_and_through_whom_it_came_is_told_in_order(dispute: Dispute, statements: list[Quad]) -> None:
    assert said(statements, f"claim/{dispute.ids['navy']}", PLM + "sourceAsNamed") == ["actor/actor-ardanian-navy"]
    relayed = f"claim/{dispute.ids['relayed']}"
    relays = said(statements, relayed, PLM + "relayedBy")
    assert relays == [f"{relayed}#relay-1", f"{relayed}#relay-2"]
    told = [
        (said(statements, one, PLM + "actor"), said(statements, one, terms.SCHEMA + "position"), one) for one in relays
    ]
    assert told == [
        (["actor/actor-coast-radio"], ["1"], relays[0]),
        (["actor/actor-coast-ministry"], ["2"], relays[1]),
    ]
    assert said(statements, f"claim/{dispute.ids['accused']}", PLM + "relayedBy") == []


def test_the_rung_is_the_threat_kind_or_else_the_modality(dispute: Dispute, statements: list[Quad]) -> None:
    expected = {
        "urged": (["CalledFor"], [], ["CalledFor"]),
        "vowed": (["Threatened"], [], ["Threatened"]),
        "conditional": (["Threatened"], ["Conditional"], ["Conditional"]),
        "ordered": (["Threatened"], ["Ordered"], ["Ordered"]),
        "struck": (["CarriedOut"], [], ["CarriedOut"]),
        "accused": (["Asserted"], [], []),
    }
    for name, (modality, threat, rung) in expected.items():
        node = f"claim/{dispute.ids[name]}"
        assert said(statements, node, PLM + "modality") == modality
        assert said(statements, node, PLM + "threatKind") == threat
        assert said(statements, node, PLM + "rung") == rung


def test_the_four_clocks_stand_side_by_side(dispute: Dispute, statements: list[Quad]) -> None:
    names = ("happenedNotBefore", "happenedNotAfter", "saidOn", "published", "ingested")
    clocks = {
        one: [said(statements, f"claim/{dispute.ids[one]}", PLM + name) for name in names]
        for one in ("accused", "relayed", "urged", "bare")
    }
    at = ["2026-03-10T08:00:00.000+00:00"]
    assert clocks == {
        "accused": [["2026-03-02"], ["2026-03-03"], ["2026-03-03"], ["2026-03-04"], at],
        # The day of publication stands in for no other clock.
        "relayed": [["2026-03-08"], ["2026-03-08"], [], ["2026-03-09"], at],
        "urged": [[], [], [], ["2026-03"], at],
        "bare": [[], [], [], [], at],
    }


def test_a_copy_is_of_the_lineage_of_the_text_it_was_copied_from(
    dispute: Dispute, graph: ConflictGraph, statements: list[Quad]
) -> None:
    first = graph.claims[dispute.ids["relayed"]].claim.article
    for name in ("relayed", "copy"):
        assert said(statements, f"claim/{dispute.ids[name]}", PLM + "lineage") == [f"article/{first}"]
    assert graph.claims[dispute.ids["copy"]].claim.article != first
    answer = query(graph, _told("docs/reference/data-model.md", "sparql"))
    rows = {
        line.split(",")[0].rsplit("/", 1)[-1]: line.split(",")[1:] for line in answer.encode("csv").decode().split()
    }
    assert rows[first] == ["2", "2"]
    assert set(rows) == {"lineage", *(claim.lineage for claim in graph.claims.values())}


def _told(page: str, language: str) -> str:
    text = (Path(__file__).resolve().parents[2] / page).read_text(encoding="utf-8")
    return text.partition(f"```{language}\n")[2].partition("```")[0]


def test_an_acknowledgement_is_a_speech_act_whose_content_is_only_described(
    dispute: Dispute, statements: list[Quad]
) -> None:
    node = f"acknowledgement/{dispute.ids['admitted']}"
    proposition = f"proposition/{dispute.ids['bombing']}~actor-belorian-army"
    expected = {
        "acknowledgementKind": "Admission",
        "speaker": "actor/actor-general-oru",
        "actor": "actor/actor-belorian-army",
        "about": f"incident/{dispute.ids['bombing']}",
        "content": proposition,
        "saidOn": "2026-03",
        "saidNotAfter": "2026-03-31",
        "published": "2026-03-09",
        "ingested": "2026-03-10T08:00:00.000+00:00",
        "confidence": "0.5",
        "cue": "hand/written",
    }
    assert {name: said(statements, node, PLM + name) for name in expected} == {k: [v] for k, v in expected.items()}
    assert said(statements, node, terms.RDF + "type") == ["Acknowledgement"]
    assert said(statements, proposition, terms.RDF + "type") == ["Proposition"]
    assert said(statements, node + "#quote", terms.OA + "exact") == [
        "General Oru admitted that Belorian guns had fired on it."
    ]


def test_a_proposition_that_is_alleged_and_acknowledged_is_described_once(
    dispute: Dispute, statements: list[Quad]
) -> None:
    proposition = f"proposition/{dispute.ids['bombing']}~actor-free-coast-brigade"
    assert said(statements, proposition, PLM + "agent") == ["actor/actor-free-coast-brigade"]
    for node in (f"claim/{dispute.ids['relayed']}", f"acknowledgement/{dispute.ids['owned']}"):
        assert said(statements, node, PLM + "content") == [proposition]


def test_what_an_actor_was_part_of_has_its_period(statements: list[Quad]) -> None:
    army = "actor/actor-belorian-army"
    assert said(statements, army, PLM + "partOfActor") == ["actor/actor-beloria"]
    then, now = said(statements, army, PLM + "membership")
    told = {one: [said(statements, one, PLM + name) for name in ("whole", "since", "until")] for one in (then, now)}
    assert told == {
        f"{army}#membership-actor-old-cerinia-since-1922-until-1991-08": [
            ["actor/actor-old-cerinia"], ["1922"], ["1991-08"],
        ],
        f"{army}#membership-actor-beloria-since-1991-08-24": [["actor/actor-beloria"], ["1991-08-24"], []],
    }  # fmt: skip


def test_an_incident_says_where_and_when_and_not_who(dispute: Dispute, statements: list[Quad]) -> None:
    incident = f"incident/{dispute.ids['shelling']}"
    assert said(statements, incident, terms.SEM + "hasEarliestBeginTimeStamp") == ["2026-03-02"]
    assert said(statements, incident, terms.SEM + "hasLatestEndTimeStamp") == ["2026-03-03"]
    assert said(statements, incident, terms.SEM + "hasPlace") == ["place/place-kesh-xar"]
    actors = {quad.subject for quad in statements if quad.object == NamedNode(PLM + "Actor")}
    joined = {
        quad
        for quad in statements
        if NamedNode(BASE + incident) in (quad.subject, quad.object) and actors & {quad.subject, quad.object}
    }
    assert joined == set()


def test_only_a_site_or_settlement_has_a_point(statements: list[Quad]) -> None:
    (point,) = [quad.object for quad in statements if quad.predicate.value == terms.GEO + "asWKT"]
    assert isinstance(point, Literal)
    assert point.value == "POINT(-12.5 45.02)"


@pytest.mark.parametrize("profile", list(Profile))
def test_no_profile_asserts_who_did_it(graph: ConflictGraph, profile: Profile) -> None:
    assert all(quad.predicate.value != terms.PERPETRATED for quad in quads(graph, profile=profile))


def _last(term: object) -> str:
    assert isinstance(term, NamedNode)
    return term.value.rsplit("-", 1)[1]


def test_edges_are_speech_acts_between_actors(graph: ConflictGraph) -> None:
    edges = list(quads(graph, profile=Profile.EDGES))
    between = {
        (_last(quad.subject), quad.predicate.value.removeprefix(PLM), _last(quad.object))
        for quad in edges
        if isinstance(quad.object, NamedNode)
        if quad.predicate.value.startswith(PLM) and quad.object.value.startswith(BASE + "actor/")
    }
    assert between == {
        ("ardania", "accuses", "beloria"),
        ("army", "accuses", "brigade"),
        ("army", "denies", "ardania"),
        ("ardania", "threatensRetaliation", "beloria"),
        ("ardania", "callsForRetaliation", "beloria"),
        ("cerinia", "retaliates", "beloria"),
        ("characterisation", "denies", "beloria"),
        ("knowledge", "denies", "beloria"),
        ("authority", "denies", "beloria"),
        ("beloria", "accuses", "brigade"),
        ("ardania", "threatensRetaliation", "brigade"),
        # Not of Old Cerinia, whose army it was once.
        ("army", "partOfActor", "beloria"),
        ("vey", "partOfActor", "ardania"),
        ("navy", "partOfActor", "ardania"),
    }


def test_rdf12_adds_unasserted_triples_to_the_claims(dispute: Dispute, graph: ConflictGraph) -> None:
    plain = {(q.subject, q.predicate, q.object) for q in quads(graph) if "dataset/" not in str(q.subject)}
    overlay = [q for q in quads(graph, profile=Profile.RDF12) if "dataset/" not in str(q.subject)]
    added = [q for q in overlay if (q.subject, q.predicate, q.object) not in plain]
    assert len(overlay) == len(plain) + len(added)
    assert {q.predicate.value for q in added} == {terms.RDF + "reifies"}
    meant = {q.subject: q.object for q in added}
    accuses = meant[NamedNode(f"{BASE}claim/{dispute.ids['accused']}")]
    assert accuses == Triple(
        NamedNode(BASE + "actor/actor-ardania"), NamedNode(PLM + "accuses"), NamedNode(BASE + "actor/actor-beloria")
    )
    alleged = meant[NamedNode(f"{BASE}proposition/{dispute.ids['shelling']}~actor-free-coast-brigade")]
    assert isinstance(alleged, Triple)
    assert alleged.predicate.value == terms.PERPETRATED


def test_the_order_of_the_ledger_does_not_show(dispute: Dispute) -> None:
    """But for which of two copies is the first, which is what that order tells."""
    told = [entry for entry in dispute.entries if not isinstance(entry, Decision)]
    heads = [entry for entry in told if not isinstance(entry, Reading)]
    readings = [entry for entry in told if isinstance(entry, Reading)]
    straight, turned = (
        "".join(Statements(fold((len(told), entry) for entry in entries)))
        for entries in (told, (*reversed(heads), *reversed(readings)))
    )
    assert straight == turned


def test_every_term_that_is_used_is_defined(graph: ConflictGraph, ontology: Path) -> None:
    defined = {str(subject) for subject in rdflib.Graph().parse(ontology / "polemos.ttl").subjects()}
    used: set[str] = set()
    for profile in Profile:
        for quad in quads(graph, profile=profile):
            inner = quad.object if isinstance(quad.object, Triple) else quad
            for term in (quad.predicate, inner.predicate, quad.object):
                if isinstance(term, NamedNode) and term.value.startswith(PLM) and term.value != PLM:
                    used.add(term.value)
    assert used <= defined
    assert len(used) > 40


@pytest.mark.parametrize(
    "kind", ["claim", "acknowledgement", "actor", "place", "incident", "article", "reading", "proposition"]
)
def test_one_thing_can_be_told_alone(graph: ConflictGraph, statements: list[Quad], kind: str) -> None:
    everything = set("".join(Statements(graph)).splitlines())
    for subject in {q.subject.value for q in statements if isinstance(q.subject, NamedNode)}:
        path = subject.removeprefix(BASE)
        if path.startswith(kind + "/") and "#" not in path:
            name = next((n for n in _ids(graph, kind) if subject == BASE + f"{kind}/{n}"), path.split("/")[1])
            told = "".join(Statements(graph).of(kind, name)).splitlines()
            assert any(line.startswith(f"<{subject}> ") for line in told)
            assert set(told) <= everything


def _ids(graph: ConflictGraph, kind: str) -> list[str]:
    found: dict[str, dict[str, object]] = {
        "claim": dict(graph.claims), "actor": dict(graph.actors), "place": dict(graph.places),
        "incident": dict(graph.incidents), "article": dict(graph.articles),
        "acknowledgement": dict(graph.acknowledgements),
    }  # fmt: skip
    return list(found.get(kind, ()))


@pytest.mark.parametrize(
    "kind", ["claim", "acknowledgement", "actor", "place", "incident", "article", "reading", "proposition", "what"]
)
def test_what_is_not_there_is_not_found(graph: ConflictGraph, kind: str) -> None:
    with pytest.raises(NotFound):
        list(Statements(graph).of(kind, "no-such-thing"))


@pytest.mark.parametrize("base", ["no iri", "https://h.example/id", "", "https://h.example/<x>/"])
def test_a_base_that_is_none_is_refused(graph: ConflictGraph, base: str) -> None:
    with pytest.raises(BadQuery, match="base IRI"):
        Statements(graph, base_iri=base)


def test_retracted_and_merged_things_leave_no_loose_ends(graph: ConflictGraph, story: type[Story]) -> None:
    """A claim that answers one the graph no longer has says nothing of it."""
    lone = story("t", ["Ardania denied it."])
    lone.claim(ClaimType.DENIES, "Ardania denied it.", "Ardania", None)
    made = lone.builder.claims[0]
    object.__setattr__(made, "responds_to", "clm-gone")
    text = "".join(Statements(fold((1, entry) for entry in lone.entries())))
    assert "respondsTo" not in text
    assert "clm-gone" not in text


def test_a_copy_of_a_retracted_text_still_names_its_lineage(dispute: Dispute) -> None:
    """Two copies of one retracted text stay one voice."""
    graph = dispute.graph
    first = graph.claims[dispute.ids["relayed"]].claim.article
    retracted = Decision(DecisionKind.RETRACT, first, "ana", reason="a duplicate", at="2026-03-11T00:00:00Z")
    left = fold(enumerate([*dispute.entries, retracted], start=1))
    text = "".join(Statements(left).of("claim", dispute.ids["copy"]))
    assert first not in left.articles
    assert f"<{PLM}lineage> <{BASE}article/{first}> ." in text
    assert f"<{BASE}article/{first}> <" not in text


def test_every_kind_of_actor_has_its_class(story: type[Story]) -> None:
    one = story("t", ["Nobody said a word."])
    for kind in ActorKind:
        one.builder.mention(NodeKind.ACTOR, f"The {kind}", one.builder.evidence("text", 0, 6), kind)
    text = "".join(Statements(fold((1, entry) for entry in one.entries())))
    for kind in ActorKind:
        class_ = terms.ACTOR_CLASS.get(kind)
        assert class_ is None or text.count(f"<{class_}>") == 1
