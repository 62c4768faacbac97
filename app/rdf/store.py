"""A `ConflictGraph` in, an Oxigraph store of its profile `claims` on disk out, which follows the graph as it grows.

The store is filled once. After that only the blocks of what the graph's journal names are written again, with what
depends on it: the proposition and the answers of a claim, the answers to an incident, the publisher of an article, the
heading with its revision. Readers get a copy, which shares its files with the store by hard links and never changes.

What is in the store is what a store made anew would hold (`tests/rdf/test_sparql_store.py`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar, cast

from app.graph import ConflictGraph
from app.rdf.dataset import Statements
from app.rdf.ntriples import LineStream
from app.rdf.terms import BASE_IRI, PLM
from app.rdf.things import ExtractorOf
from app.vocabulary.records import Article

if TYPE_CHECKING:
    from pyoxigraph import NamedNode, Quad, Store

_T = TypeVar("_T")
_AT_ONCE = 2_000
"""Things that are written again in one piece: it bounds what is held in memory meanwhile."""
_AT_A_TIME = 1_000_000
"""Statements that a bulk load takes in as one sorted run (Oxigraph's own batch)."""


class Stopped(Exception):
    """Whoever wanted the store no longer does."""


class GrowingStore:
    """One graph's statements on disk.

    It may be filled and brought forward while the graph is being fed: what changes under its hands is in the journal
    once more. Only `settle` needs a graph that stands still. It is one thread's at a time.
    """

    def __init__(
        self,
        graph: ConflictGraph,
        folder: Path,
        *,
        base_iri: str = BASE_IRI,
        extractor_of: ExtractorOf | None = None,
        is_unwanted: Callable[[], bool] = lambda: False,
    ) -> None:
        """Open an empty store and start to take notes of the graph.

        Args:
            graph: Whose statements.
            folder: An empty folder.
            base_iri: Where instances live.
            extractor_of: Who read each article, where the graph's own word will not do.
            is_unwanted: Asked now and then; once it is true, the work is broken off with `Stopped`.
        """
        from pyoxigraph import Store

        self.graph = graph
        self.triples = 0
        """How many statements are in the store."""
        self._journal = graph.journal()
        self._done = max(len(self._journal) - 1, 0)
        self._is_unwanted = is_unwanted
        self._blocks = _Blocks(graph, base_iri=base_iri, extractor_of=extractor_of)
        self._heading: set[Quad] = set()
        self._store: Store = Store(str(folder))

    @property
    def pending(self) -> int:
        """How many entries of the journal are not yet in the store."""
        return len(self._journal) - self._done

    def fill(self) -> None:
        """Load everything: some 100,000 statements a second, more on a machine of one's own."""
        from pyoxigraph import RdfFormat

        stream = LineStream(self._watched(self._blocks))
        self._store.bulk_load(cast("IO[bytes]", stream), RdfFormat.N_TRIPLES, lenient=True)
        self._store.flush()
        self.triples = stream.lines
        self._heading = _parsed([self._blocks.told])
        if self.triples > _AT_A_TIME:
            # The store takes them in in several sorted runs. Left as they are, it would merge them at the next few
            # writes, and let one of these wait for it: half a minute at 16 million, while somebody holds the graph.
            self._store.optimize()
        # With what it knows, and without the names that it has made of everything there is.
        self._blocks = self._blocks.afresh()

    def catch_up(self) -> None:
        """Write again what the journal names and what depends on it.

        The last entry is kept for the next time: what belongs to it may not all be in the graph yet.
        """
        self._write(len(self._journal))
        self._done = max(self._done - 1, 0)

    def _write(self, end: int) -> None:
        touched = iter(self._blocks.touched(self._journal[self._done : end]))
        while chunk := list(itertools.islice(touched, _AT_ONCE)):
            self._rewrite(self._watched(chunk))
        self._done = end
        self._blocks = self._blocks.afresh()

    def settle(self, folder: Path) -> None:
        """Write the rest and the heading of the graph's revision, and put a copy of it all into a new folder."""
        self._write(len(self._journal))
        heading = _parsed([self._blocks.heading()])
        self._exchange(self._heading, heading)
        self._heading = heading
        self._store.backup(str(folder))

    def _watched(self, items: Iterable[_T]) -> Iterator[_T]:
        for item in items:
            if self._is_unwanted():
                raise Stopped
            yield item

    def _rewrite(self, things: Iterable[tuple[str, str]]) -> None:
        from pyoxigraph import DefaultGraph, NamedNode

        blocks: list[str] = []
        old: set[Quad] = set()
        for kind, name in things:
            blocks.extend(self._blocks.of_thing(kind, name))
            self._collect(NamedNode(self._blocks.iri(kind, name)), old)
        new = _parsed(blocks)
        # Of what others share, such as a publisher, another name may be known now.
        for subject in {quad.subject for quad in new} - {quad.subject for quad in old}:
            if isinstance(subject, NamedNode):
                self._collect(subject, old)
        self._exchange(old, new)
        content = NamedNode(PLM + "content")
        for quad in old - new:
            if quad.predicate == content and isinstance(quad.object, NamedNode):
                held = self._store.quads_for_pattern(None, content, quad.object, DefaultGraph())
                if next(held, None) is None:
                    # Nobody says this any more.
                    left: set[Quad] = set()
                    self._collect(quad.object, left)
                    self._exchange(left, set())

    def _collect(self, thing: NamedNode, into: set[Quad]) -> None:
        """All that the store says of a thing and of its parts, which are named after it."""
        from pyoxigraph import DefaultGraph, NamedNode

        parts = (f"{thing.value}#", f"{thing.value}/")
        waiting, seen = [thing], {thing.value}
        while waiting:
            for quad in self._store.quads_for_pattern(waiting.pop(), None, None, DefaultGraph()):
                into.add(quad)
                value = quad.object
                if isinstance(value, NamedNode) and value.value.startswith(parts) and value.value not in seen:
                    seen.add(value.value)
                    waiting.append(value)

    def _exchange(self, old: set[Quad], new: set[Quad]) -> None:
        gone, come = old - new, new - old
        for quad in gone:
            self._store.remove(quad)
        if come:
            self._store.extend(come)
        self.triples += len(come) - len(gone)


class _Blocks(Statements):
    """The blocks of single things, and which of them a change touches."""

    told = ""
    """The heading that was last given."""

    def __init__(
        self,
        graph: ConflictGraph,
        *,
        base_iri: str,
        extractor_of: ExtractorOf | None,
        like: _Blocks | None = None,
    ) -> None:
        super().__init__(graph, base_iri=base_iri, extractor_of=extractor_of)
        self._given = extractor_of
        # An article's incident → its node; publisher → the article that spells its name as it is given, which is the
        # first spelling in alphabetical order; actor → ids that were merged into it; and how many of the graph's
        # `merged` have been looked at.
        self._nodes: dict[str, str] = like._nodes if like is not None else {}
        self._spelt: dict[str, Article] = like._spelt if like is not None else {}
        self._others: dict[str, list[str]] = like._others if like is not None else {}
        self._seen: int = like._seen if like is not None else 0
        self._incident_of = self._nodes
        if like is None:
            # Lists are made at one stroke, so that the graph may grow meanwhile.
            for node in list(graph.incidents.values()):
                self._nodes.update(dict.fromkeys((*node.members, node.id), node.id))
            for article in list(graph.articles.values()):
                self._spelling(article)

    def heading(self) -> str:
        self.told = super().heading()
        return self.told

    def afresh(self) -> _Blocks:
        """Another that knows what this one knows of the graph, and remembers no name."""
        found = _Blocks(self._graph, base_iri=self._base, extractor_of=self._given, like=self)
        found.told = self.told
        return found

    def iri(self, kind: str, name: str) -> str:
        """The IRI of a thing, without brackets."""
        return self._iri(kind, name)[1:-1]

    def touched(self, journal: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """What is to be written again, each thing once."""
        graph = self._graph
        found: dict[tuple[str, str], None] = {}
        for kind, name in journal:
            found[kind, name] = None
            answered: list[str] = []
            if kind == "article":
                # Before any block is made: what another article calls their publisher may come first.
                self._spelling(graph.articles[name])
            elif kind == "claim":
                answered = [name]
            elif kind == "incident":
                node = graph.incidents[name]
                # What answers a member that was there already has named it before.
                answered = [member for member in (*node.members, node.id) if self._nodes.get(member) != node.id]
                self._nodes.update(dict.fromkeys(answered, node.id))
            for one in answered:
                found.update((("claim", claim), None) for claim in graph.answers_to(one) if claim in graph.claims)
        return list(found)

    def of_thing(self, kind: str, name: str) -> Iterator[str]:
        """The block of one thing, and the blocks that are there only because it is."""
        graph = self._graph
        match kind:
            case "article":
                article = graph.articles[name]
                yield self._article(article)
                yield from self._publishers([self._spelling(article)])
                yield from self._readings([article])
            case "actor":
                yield self._actor(graph.actors[name])
            case "place":
                yield self._place(graph.places[name])
            case "incident":
                yield self._incident(graph.incidents[name])
            case "claim":
                claim = graph.claims[name]
                alleged = self._alleged(claim)
                if alleged is not None:
                    yield self._proposition(*alleged)
                yield self._claim(claim, alleged)
            case _:
                found = graph.acknowledgements[name]
                yield self._proposition(found.incident, found.actor)
                yield self._acknowledgement(found)

    def _merged_into(self, actor: str) -> list[str]:
        if self._seen < len(self._graph.merged):
            newer = self._graph.merged.since(self._seen)
            for other, node in newer:
                if node in self._graph.actors:
                    self._others.setdefault(node, []).append(other)
            self._seen += len(newer)
        return self._others.get(actor, [])

    def _spelling(self, article: Article) -> Article:
        if not article.publisher:
            return article
        iri = self._publishers_of[article.publisher]
        known = self._spelt.get(iri)
        if known is None or article.publisher < (known.publisher or ""):
            known = self._spelt[iri] = article
        return known


def _parsed(blocks: Iterable[str]) -> set[Quad]:
    from pyoxigraph import RdfFormat, parse

    return set(parse("".join(blocks).encode(), RdfFormat.N_TRIPLES, lenient=True))
