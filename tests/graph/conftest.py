"""Graphs from sentences, and everything a graph answers, as plain values that can be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from app.graph import ConflictGraph, fold
from app.linking import link
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Actor, Article, Claim, Decision, Incident, Mention, Place, Reading
from app.vocabulary.terms import ClaimType, DecisionKind, Judgement, NodeKind

if TYPE_CHECKING:
    from tests.conftest import Told

Entry = Article | Reading | Actor | Place | Decision


@dataclass
class Desk:
    """Collects entries in the order in which a ledger would hold them; each is a revision of its own."""

    gazetteer: Gazetteer
    told: Told
    entries: list[tuple[int, Entry]] = field(default_factory=list)
    _hours: int = 0

    def add(self, *entries: Entry) -> None:
        """Append entries as they are."""
        for entry in entries:
            self.entries.append((len(self.entries) + 1, entry))

    def tell(
        self, text: str, *, published: str | None = "2031-05-04", version: int = 1, linked: bool = True
    ) -> tuple[Article, Reading]:
        """Read an article, link it unless told not to, and append it all."""
        article, reading = self.told(text, published=published, version=version)
        self.add(article)
        if linked:
            found = link(reading, self.gazetteer)
            self.add(*found.actors, *found.places, reading, *found.decisions)
        else:
            self.add(reading)
        return article, reading

    def decide(
        self,
        kind: DecisionKind,
        subject: str,
        object_: str | None = None,
        *,
        value: str | None = None,
        judgement: Judgement | None = None,
        by: str = "Ana",
        score: float | None = None,
        linker: bool = False,
    ) -> Decision:
        """Append a decision, taken an hour after the one before."""
        self._hours += 1
        at = None if linker else f"2031-06-{1 + self._hours // 24:02d}T{self._hours % 24:02d}:00:00+00:00"
        made = Decision(kind, subject, by, object_, value, judgement, "because", at, score)
        self.add(made)
        return made

    def same(self, left: str, right: str, **others: Any) -> Decision:
        """Judge two ids to be one."""
        return self.decide(DecisionKind.JUDGE, left, right, judgement=Judgement.SAME, **others)

    def different(self, left: str, right: str, **others: Any) -> Decision:
        """Judge two ids to be two."""
        return self.decide(DecisionKind.JUDGE, left, right, judgement=Judgement.DIFFERENT, **others)

    def undo(self, decision: Decision) -> Decision:
        """Take a decision back."""
        return self.decide(DecisionKind.UNDO, decision.id)

    @property
    def graph(self) -> ConflictGraph:
        """All of it, folded in one go."""
        return fold(self.entries)


@pytest.fixture
def desk(gazetteer: Gazetteer, told: Told) -> Desk:
    return Desk(gazetteer, told)


Answers = dict[str, Any]


@pytest.fixture(scope="session")
def answers() -> Callable[[ConflictGraph], Answers]:
    """Everything a graph answers, so that equal answers mean equal graphs."""

    def ask(graph: ConflictGraph) -> Answers:
        nodes = [*graph.actors, *graph.places, *graph.incidents]
        return {
            "revision": graph.revision,
            "actors": graph.actors,
            "places": graph.places,
            "incidents": graph.incidents,
            "claims": graph.claims,
            "articles": graph.articles,
            "readers": graph.readers,
            "conflicts": graph.conflicts,
            "doubts": sorted(one.id for one in graph.doubts),
            "merged": graph.merged,
            "acknowledgements": graph.acknowledgements,
            "edges": {edge.id: edge for edge in graph.edges()},
            "kinds": {node: graph.kind(node) for node in nodes},
            "labels": {node: graph.label(node) for node in nodes},
            "named": {graph.label(node): graph.named(graph.label(node)) for node in nodes},
            "by type": {kind: graph.claims_of(kind) for kind in ClaimType},
            "made": {(n, k): graph.claims_of(k, source=n) for n in graph.actors for k in ClaimType},
            "faced": {(n, k): graph.claims_of(k, target=n) for n in graph.actors for k in ClaimType},
            "dyads": {
                (a, b, k): graph.claims_of(k, a, b) for a in graph.actors for b in graph.actors for k in ClaimType
            },
            "about": {name: graph.claims_about(name) for name in graph.incidents},
            "in": {name: graph.claims_in(name) for name in graph.articles},
            "answers": {name: graph.answers_to(name) for name in (*graph.claims, *graph.incidents)},
        }

    return ask


def find_claim(reading: Reading, words: str) -> Claim:
    """The one claim of a reading whose quote holds these words."""
    (found,) = (claim for claim in reading.claims if words in claim.evidence.quote)
    return found


def find_mention(reading: Reading, name: str, kind: NodeKind = NodeKind.ACTOR) -> Mention:
    """The mention with this name."""
    (found,) = (mention for mention in reading.mentions if (mention.name, mention.kind) == (name, kind))
    return found


def find_incident(reading: Reading, type_: str) -> Incident:
    """The incident of this type."""
    (found,) = (incident for incident in reading.incidents if incident.type == type_)
    return found


@dataclass(frozen=True)
class Find:
    """The three ways to point into a reading."""

    claim: Callable[[Reading, str], Claim] = find_claim
    mention: Callable[..., Mention] = find_mention
    incident: Callable[[Reading, str], Incident] = find_incident


@pytest.fixture(scope="session")
def find() -> Find:
    return Find()


def quotes(graph: ConflictGraph, entries: Iterable[tuple[Any, str]]) -> list[str]:
    """The quotes of (day, claim id) pairs."""
    return [graph.claim(claim).claim.evidence.quote for _, claim in entries]


@pytest.fixture(scope="session")
def quoted() -> Callable[[ConflictGraph, Iterable[tuple[Any, str]]], list[str]]:
    return quotes
