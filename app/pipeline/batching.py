"""Articles with their readings in, what one append stores out: what every way into the ledger does before it appends.

It links and names, and stores nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.ledger import Batch, Ledger
from app.linking import Linked, link
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Actor, Article, Decision, Place, Reading

Judge = Callable[[Sequence[tuple[Article, Reading, Linked]]], list[Decision]]
"""Tells how what was read hangs together with what there is; see `Relations.judge`."""


def linked_batch(pairs: Sequence[tuple[Article, Reading]], gazetteer: Gazetteer, judge: Judge | None = None) -> Batch:
    """The articles and readings with whom and what the readings name, each actor and place once.

    Args:
        pairs: Articles, each with its reading.
        gazetteer: Names for linking.
        judge: Adds its decisions to those of linking.
    """
    read = [(article, reading, link(reading, gazetteer)) for article, reading in pairs]
    actors: dict[str, Actor] = {}
    places: dict[str, Place] = {}
    decisions: list[Decision] = []
    for _, _, linked in read:
        actors.update((actor.id, actor) for actor in linked.actors)
        places.update((place.id, place) for place in linked.places)
        decisions.extend(linked.decisions)
    if judge is not None:
        decisions += judge(read)
    return Batch(
        articles=[article for article, _ in pairs],
        readings=[reading for _, reading in pairs],
        actors=list(actors.values()),
        places=list(places.values()),
        decisions=decisions,
    )


def name_of_next(ledger: Ledger, article: str, extractor: str) -> str:
    """The extractor's name for one more reading of an article, which none has yet: "claims@1+2:Ana"."""
    base, colon, coders = extractor.partition(":")
    number = 1
    while not ledger.unread([article], extractor):
        number += 1
        extractor = f"{base}+{number}{colon}{coders}"
    return extractor
