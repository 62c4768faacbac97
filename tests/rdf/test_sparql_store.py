"""However a graph grows, its store holds what a store made anew would hold, and copies of it stay as they were."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, Store

from app.graph import ConflictGraph
from app.graph.fold import Fold
from app.rdf.dataset import Statements
from app.rdf.ntriples import LineStream
from app.rdf.store import GrowingStore, Stopped
from app.rdf.terms import PLM
from app.vocabulary.records import Actor, Decision, Place, Reading
from app.vocabulary.terms import (
    AcknowledgementKind,
    ActorKind,
    ClaimType,
    DecisionKind,
    DenialKind,
    Judgement,
    Modality,
)

if TYPE_CHECKING:
    from tests.rdf.conftest import Entry, Story

NAMES = ("Ardania", "Beloria", "Cerinia")
PUBLISHERS = (None, "The Courier", "THE COURIER", "the courier", "Harbour Times")
DENIALS = (None, *DenialKind)
BASES = ("https://w3id.org/polemos/id/", "https://h.example/data#")


def dumped(store: Store) -> list[str]:
    # By line feeds alone: a text may hold what else Python takes for the end of a line.
    return sorted((store.dump(format=RdfFormat.N_QUADS) or b"").decode().rstrip("\n").split("\n"))


def anew(graph: ConflictGraph, base: str = BASES[0]) -> list[str]:
    store = Store()
    lines = LineStream(Statements(graph, base_iri=base))
    store.bulk_load(cast("IO[bytes]", lines), RdfFormat.N_TRIPLES, lenient=True)
    return dumped(store)


@dataclass
class Watched:
    """The store of a graph and its copies, each held against a store made anew."""

    folder: Path
    base: str = BASES[0]
    store: GrowingStore | None = None
    copies: int = 0

    def at(self, graph: ConflictGraph) -> Path:
        copy = self.brought_to(graph)
        assert self.flaws(copy) == []
        return copy

    def brought_to(self, graph: ConflictGraph) -> Path:
        if self.store is None or self.store.graph is not graph:
            home = self.folder / f"store-{self.copies}"
            home.mkdir()
            self.store = GrowingStore(graph, home, base_iri=self.base)
            self.store.fill()
        return self.settled()

    def settled(self) -> Path:
        assert self.store is not None
        self.copies += 1
        copy = self.folder / f"copy-{self.copies}"
        self.store.settle(copy)
        return copy

    def flaws(self, copy: Path) -> list[str]:
        """Statements of the newest copy alone, or of a store made anew alone; and numbers that are not theirs."""
        assert self.store is not None
        held, wanted = dumped(Store.read_only(str(copy))), anew(self.store.graph, self.base)
        found = sorted(set(held) ^ set(wanted))
        if (self.store.triples, self.store.pending) != (len(held), 0):
            found.append(f"{len(held)} statements, told as {self.store.triples}, {self.store.pending} changes left")
        return found


# ---- any graph ----

_STATEMENT = st.tuples(
    st.sampled_from(["accuses", "denies", "retaliates", "acknowledges"]),
    st.sampled_from(NAMES),
    st.sampled_from([*NAMES, None]),
    st.booleans(),
    st.integers(-1, 12),
    st.sampled_from(DENIALS),
)
_ARTICLE = st.tuples(st.sampled_from(PUBLISHERS), st.lists(_STATEMENT, max_size=4), st.integers(-1, 6))
_RECORD = st.one_of(
    st.builds(
        Actor,
        st.sampled_from(NAMES),
        st.sampled_from([ActorKind.STATE, ActorKind.ARMED_GROUP]),
        aliases=st.sampled_from([(), ("One",), ("One", "Two")]),
        part_of=st.sampled_from([None, "actor-cerinia"]),
    ),
    st.builds(
        Place,
        st.just("Kesh"),
        st.just("XAR"),
        st.sampled_from([None, 45.02]),
        st.just(-12.5),
        st.sampled_from(["settlement", "region"]),
    ),
)


def answering(one: Story, answers: dict[str, str]) -> list[Entry]:
    """An article's entries, in which claims answer what need not be in the article itself."""
    article, reading = one.entries()
    assert isinstance(reading, Reading)
    claims = tuple(replace(claim, responds_to=answers.get(claim.id)) for claim in reading.claims)
    return [article, replace(reading, claims=claims)]


def told(story: type[Story], number: int, spec: tuple[Any, ...], named: list[str], incidents: list[str]) -> list[Entry]:
    """One article; what it answers may be of an article that comes only later, or of none."""
    publisher, statements, same_as = spec
    words = [f"Sentence {n} of {number}." for n in range(len(statements) + 1)]
    one = story(f"Article {number}", words, published="2026-03-04", publisher=publisher)
    incident = one.incident("shelling", words[-1], "Kesh", "XAR", "2026-03-02")
    answers_of: dict[str, str] = {}
    for (kind, source, target, is_about, answers, denial), quote in zip(statements, words, strict=False):
        about = incident if is_about else None
        if kind == "acknowledges":
            one.acknowledge(AcknowledgementKind.SELF_CLAIM, quote, source, incident, speaker=source)
        elif source != target:
            done = Modality.CARRIED_OUT if kind == "retaliates" else Modality.ASSERTED
            why = denial if kind == "denies" else None
            made = one.claim(ClaimType(kind), quote, source, target, modality=done, incident=about, kind=why)
            if answers >= 0 and named:
                answers_of[made] = named[answers % len(named)]
            named.append(made)
    named.append(incident)
    entries = answering(one, answers_of)
    if same_as >= 0 and incidents:
        other = incidents[same_as % len(incidents)]
        entries.append(Decision(DecisionKind.JUDGE, incident, "linker@1", other, judgement=Judgement.SAME))
    incidents.append(incident)
    return entries


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    specs=st.lists(st.one_of(_ARTICLE, _RECORD), min_size=2, max_size=8),
    order=st.randoms(use_true_random=False),
    shuffled=st.booleans(),
    base=st.sampled_from(BASES),
)
def test_after_any_feeds_the_store_holds_what_one_made_anew_would(
    story: type[Story], specs: list[Any], order: Any, shuffled: bool, base: str
) -> None:
    named: list[str] = []
    incidents: list[str] = []
    feeds: list[list[Entry]] = []
    for number, spec in enumerate(specs):
        is_record = isinstance(spec, Actor | Place)
        feeds.append([spec] if is_record else told(story, number, spec, named, incidents))
    if shuffled:
        order.shuffle(feeds)
    fold, revision = Fold(), 0
    with tempfile.TemporaryDirectory() as folder:
        watched = Watched(Path(folder), base)
        for feed in feeds:
            revision += len(feed)
            graph = fold.feed((revision - len(feed) + n + 1, entry) for n, entry in enumerate(feed))
            assert watched.flaws(watched.brought_to(graph)) == []
        # Closed before its folder goes.
        watched.store = None


# ---- what depends on what ----


@pytest.fixture
def feed() -> Callable[[Fold, Sequence[Entry]], ConflictGraph]:
    def more(fold: Fold, entries: Sequence[Entry]) -> ConflictGraph:
        start = fold.graph.revision
        return fold.feed((start + n + 1, entry) for n, entry in enumerate(entries))

    return more


def objects(copy: Path, predicate: str) -> set[str]:
    found = Store.read_only(str(copy)).quads_for_pattern(None, NamedNode(PLM + predicate), None)
    return {str(quad.object).rpartition("/")[2].rstrip(">") for quad in found}


def test_a_denial_that_comes_before_what_it_denies(story: type[Story], feed: Any, tmp_path: Path) -> None:
    """Alone it rejects that its own source did it; with the accusation, what that says, and the former is gone."""
    first, second = story("one", ["Beloria denied it."]), story("two", ["Ardania accused the Brigade."])
    raid = second.incident("raid", "Ardania accused the Brigade.")
    accused = second.claim(ClaimType.ACCUSES, "Ardania accused the Brigade.", "Ardania", "Brigade", incident=raid)
    shelling = first.incident("shelling", "Beloria denied it.")
    denied = first.claim(
        ClaimType.DENIES, "Beloria denied it.", "Beloria", None, incident=shelling, kind=DenialKind.PERPETRATION
    )
    fold, watched = Fold(), Watched(tmp_path)
    copy = watched.at(feed(fold, answering(first, {denied: accused})))
    assert objects(copy, "content") == {f"{shelling}~actor-beloria"}
    assert objects(copy, "respondsTo") == set()
    followed = watched.store
    later = watched.at(feed(fold, second.entries()))
    assert watched.store is followed
    assert objects(later, "content") == {f"{raid}~actor-brigade"}
    assert objects(later, "respondsTo") == {accused}
    assert objects(later, "agent") == {"actor-brigade"}
    assert objects(copy, "content") == {f"{shelling}~actor-beloria"}, "a copy changed"


def test_an_answer_to_an_incident_that_comes_later(story: type[Story], feed: Any, tmp_path: Path) -> None:
    first, second = story("one", ["Beloria struck back."]), story("two", ["Kesh was shelled."])
    shelling = second.incident("shelling", "Kesh was shelled.")
    struck = first.claim(
        ClaimType.RETALIATES, "Beloria struck back.", "Beloria", "Ardania", modality=Modality.CARRIED_OUT
    )
    fold, watched = Fold(), Watched(tmp_path)
    assert objects(watched.at(feed(fold, answering(first, {struck: shelling}))), "respondsTo") == set()
    followed = watched.store
    assert objects(watched.at(feed(fold, second.entries())), "respondsTo") == {shelling}
    assert watched.store is followed


def test_a_publisher_is_spelt_as_comes_first_in_the_alphabet(story: type[Story], feed: Any, tmp_path: Path) -> None:
    fold, watched = Fold(), Watched(tmp_path)
    watched.at(feed(fold, story("one", ["It was so."], publisher="the courier").entries()))
    followed = watched.store
    both = [
        *story("two", ["a."], publisher="The Courier").entries(),
        *story("3", ["b."], publisher="THE COURIER").entries(),
    ]
    watched.at(feed(fold, both))
    watched.at(feed(fold, story("four", ["c."], publisher="the Courier").entries()))
    assert watched.store is followed


def test_an_actor_of_two_names_that_comes_later(story: type[Story], feed: Any, tmp_path: Path) -> None:
    """The ids that were merged into an actor are among its identifiers, and known only once it is in the graph."""
    same = Decision(DecisionKind.JUDGE, "actor-oldland", "anna", "actor-newland", judgement=Judgement.SAME)
    known = [Actor("Oldland", ActorKind.STATE), Actor("Newland", ActorKind.STATE), same]
    fold, watched = Fold(), Watched(tmp_path)
    watched.at(feed(fold, [*known, *story("one", ["Ardania was there."]).entries()]))
    followed = watched.store
    later = story("two", ["Oldland accused Ardania."])
    later.claim(ClaimType.ACCUSES, "Oldland accused Ardania.", "Oldland", "Ardania")
    copy = watched.at(feed(fold, later.entries()))
    assert watched.store is followed
    identifiers = Store.read_only(str(copy)).quads_for_pattern(None, NamedNode("https://schema.org/identifier"), None)
    assert [str(quad.object) for quad in identifiers] == ['"actor-oldland"']


@pytest.mark.parametrize("when", [0, 1, 3, 6, 9, 12])
def test_a_graph_that_grows_while_its_store_is_filled(
    story: type[Story], dispute: Any, feed: Any, tmp_path: Path, when: int
) -> None:
    """What is fed between two blocks is in the journal, so that it is there when the graph stands still again."""
    fold = Fold()
    graph = feed(fold, dispute.entries[:12])
    calls = 0
    waiting = [list(dispute.entries[12:]), story("late", ["Ardania accused."], publisher="THE COURIER").entries()]

    def feeding() -> bool:
        nonlocal calls
        calls += 1
        if calls > when and waiting:
            assert feed(fold, waiting.pop(0)) is graph
        return False

    store = GrowingStore(graph, tmp_path / "store", is_unwanted=feeding)
    store.fill()
    assert not waiting
    watched = Watched(tmp_path, store=store)
    assert watched.flaws(watched.settled()) == []


def test_work_that_nobody_wants_is_broken_off(graph: ConflictGraph, tmp_path: Path) -> None:
    store = GrowingStore(graph, tmp_path, is_unwanted=lambda: True)
    with pytest.raises(Stopped):
        store.fill()


def test_copies_share_their_files(graph: ConflictGraph, tmp_path: Path) -> None:
    """A copy takes little room and time of its own: its tables are the store's, linked."""
    store = GrowingStore(graph, tmp_path / "store")
    store.fill()
    store.settle(tmp_path / "copy")
    shared = {table.stat().st_ino for table in (tmp_path / "copy").glob("*.sst")}
    # Some the store has put together anew since.
    assert shared & {table.stat().st_ino for table in (tmp_path / "store").iterdir()}


def test_a_graph_that_nobody_follows_keeps_no_journal(dispute: Any, feed: Any) -> None:
    fold = Fold()
    graph = feed(fold, dispute.entries[:9])
    assert graph._journal is None
    journal = graph.journal()
    assert journal == []
    feed(fold, dispute.entries[9:])
    assert {kind for kind, _ in journal} == {"article", "actor", "place", "incident", "claim", "acknowledgement"}
    assert graph.journal() is journal
