"""Links the mentions of a reading to actors and places by name: the gazetteer's where it knows the name, else its own.

In: a reading. Out: records of the actors and places, and one judgement per mention, as the ledger stores them. The same
reading always gives the same links. Different names are never merged here; doubtful pairs are a person's business.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.linking.places import place_of
from app.vocabulary.names import Gazetteer, NameForm
from app.vocabulary.records import Actor, Decision, Mention, Place, Reading, actor_id
from app.vocabulary.terms import ActorKind, DecisionKind, Judgement, NodeKind

LINKER = "names@2"
"""Name and version under which the judgements are recorded."""

_KNOWN, _OWN_NAME = 1.0, 0.6


@dataclass(frozen=True, slots=True)
class Linked:
    """What a reading's mentions stand for."""

    actors: tuple[Actor, ...]
    places: tuple[Place, ...]
    decisions: tuple[Decision, ...]


def link(reading: Reading, gazetteer: Gazetteer) -> Linked:
    """Propose what each mention of a reading names."""
    actors: dict[str, Actor] = {}
    places: dict[str, Place] = {}
    decisions = []
    spoken_of = {mention.country for mention in reading.mentions if mention.country is not None}
    for mention in reading.mentions:
        if mention.kind is NodeKind.PLACE:
            place = place_of(mention.name, mention.country, gazetteer, spoken_of)
            places[place.id] = place
            node, score = place.id, _OWN_NAME if place.precision == "unknown" else _KNOWN
        else:
            actor = _actor_of(mention, gazetteer)
            for record in _with_wholes(actor, gazetteer):
                actors[record.id] = record
            node, score = actor.id, _KNOWN if mention.name in gazetteer.actors else _OWN_NAME
        decisions.append(
            Decision(
                DecisionKind.JUDGE,
                mention.id,
                LINKER,
                object=node,
                judgement=Judgement.SAME,
                reason="the gazetteer's name" if score == _KNOWN else "the name the article gives",
                score=score,
            )
        )
    return Linked(tuple(actors.values()), tuple(places.values()), tuple(decisions))


def _actor_of(mention: Mention, gazetteer: Gazetteer) -> Actor:
    if mention.name not in gazetteer.actors:
        seats = [hit for hit in gazetteer.hits(mention.name) if hit.form is NameForm.SEAT]
        if len(seats) == 1:
            owner = seats[0].actor
            return Actor(mention.name, ActorKind.GOVERNMENT_BODY, owner.country, actor_id(owner.name))
        # The country of a person or body is whom it spoke for in one article; that is the claim's to say, not its own.
        return Actor(mention.name, mention.actor_kind)
    return gazetteer.record(mention.name)


def _with_wholes(actor: Actor, gazetteer: Gazetteer) -> list[Actor]:
    found = [actor]
    while (above := found[-1].part_of) is not None and above in gazetteer.by_id:
        record = gazetteer.record(gazetteer.by_id[above].name)
        if record in found:
            break
        found.append(record)
    return found
