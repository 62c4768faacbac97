"""A slice of a ledger holds the claims it names, counts the rest, and goes on as the whole would."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.graph import ConflictGraph, Fold, ResolvedClaim, Slice, fold
from app.graph.snapshot import Snapshots
from app.vocabulary.errors import BadQuery
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Actor
from app.vocabulary.terms import ActorKind, ClaimType, DecisionKind
from app.vocabulary.times import Period
from tests.graph.histories import histories, runs
from tests.graph.test_snapshot import differing, digest, without_texts

if TYPE_CHECKING:
    from tests.conftest import Told
    from tests.graph.conftest import Answers, Desk, Entry

folding = import_module("app.graph.fold")
Ask = Callable[[ConflictGraph], "Answers"]


def loaded(entries: list[Entry], only: Slice | None = None) -> Fold:
    """A fold of these entries as a ledger of them is loaded."""
    numbered = list(enumerate(entries, 1))
    made = Fold(str, lambda until: numbered[:until], only)
    made.load(len(entries))
    return made


@settings(max_examples=120, deadline=None)
@given(data=st.data(), which=st.sampled_from([histories, runs]), many=st.sampled_from([0, 20_000]))
def test_loading_comes_to_what_feeding_does(
    data: st.DataObject, which: Any, many: int, gazetteer: Gazetteer, told: Told, answers: Ask
) -> None:
    entries = without_texts(data.draw(which(gazetteer, told)))
    cut = data.draw(st.integers(1, len(entries)))
    numbered = list(enumerate(entries, 1))
    whole = answers(fold(numbered, str))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "MANY", many)
        patch.setattr(folding, "_CHUNK", data.draw(st.integers(1, 12)))
        assert differing(answers(loaded(entries).graph), whole) == {}
        later = Fold(str, lambda until: numbered[:until])
        later.load(cut)
        later.feed(numbered[cut:])
        assert differing(answers(later.graph), whole) == {}


SLICES = (
    Slice(Period(date(2031, 5, 4), date(2031, 5, 9))),
    Slice(actors=("Ardania",)),
    Slice(actors=("actor-beloria", "Republic of Ardania")),
    Slice(countries=("XAR",)),
    Slice(Period(date(2031, 1, 1), None), ("Beloria",), ("XBE",)),
)


def belongs(graph: ConflictGraph, claim: ResolvedClaim, only: Slice, named: frozenset[str]) -> bool:
    """Whether a claim of the whole graph is one of the slice, found out from the outside."""
    actors = (claim.speaker, claim.source, claim.source_named, claim.target, claim.target_named)
    wholes = {whole for one in actors if one is not None for whole in _ever(graph, one)}
    countries = {graph.actors[one].country for one in wholes if one in graph.actors}
    article = claim.claim.incident
    incident = graph.incidents[claim.incident] if claim.incident is not None and article is not None else None
    here = {incident.country} if incident is not None else set()
    return (
        (only.period.is_open or (not claim.when.is_open and claim.when.overlaps(only.period)))
        and (not only.actors or not named.isdisjoint(wholes))
        and (not only.countries or bool((here | countries) & set(only.countries)))
    )


def _ever(graph: ConflictGraph, actor: str) -> set[str]:
    found: set[str] = set()
    waiting = [actor]
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            record = graph.actors.get(here)
            if record is not None:
                waiting += [one.whole for one in record.memberships]
                waiting += [record.part_of] if record.part_of is not None else []
    return found


@settings(max_examples=80, deadline=None)
@given(data=st.data(), only=st.sampled_from(SLICES))
def test_a_slice_holds_what_belongs_to_it_and_counts_the_rest(
    data: st.DataObject, only: Slice, gazetteer: Gazetteer, told: Told, answers: Ask
) -> None:
    known = [
        Actor("Ardania", ActorKind.STATE, "XAR", aliases=("Republic of Ardania",)),
        Actor("Beloria", ActorKind.STATE, "XBE"),
    ]
    entries = [*known, *without_texts(data.draw(runs(gazetteer, told)))]
    numbered = list(enumerate(entries, 1))
    whole = fold(numbered, str)
    records = [entry for entry in entries if isinstance(entry, Actor)]
    named = only.named(records, lambda name: whole.merged.get(name, name))
    made = loaded(entries, only)
    wanted = {name for name, claim in whole.claims.items() if belongs(whole, claim, only, named)}
    assert set(made.graph.claims) == wanted
    assert made.graph.left_out == len(whole.claims) - len(wanted)
    for name in wanted:
        here, there = (graph.claims[name].placed() for graph in (made.graph, whole))
        assert (here.source, here.target, here.when, here.claim.id) == (there.source, there.target, there.when, name)
    # What comes later is cut in the same way, and a snapshot of it is one of the same slice.
    cut = data.draw(st.integers(len(known), len(entries)))
    grown = Fold(str, lambda until: numbered[:until], only)
    grown.load(cut)
    with TemporaryDirectory() as folder:
        snapshots = Snapshots(Path(folder))
        snapshots.write(grown, digest(cut))
        restored = snapshots.read(digest, reload=lambda until: numbered[:until], appended_at=str, only=only)
    assert restored is not None
    for one in (grown, restored):
        one.feed(numbered[cut:])
        assert set(one.graph.claims) == wanted
        assert one.graph.left_out == made.graph.left_out
        assert one.graph.only == only


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_what_was_corrected_and_retracted_is_cut_as_it_stands(
    data: st.DataObject, gazetteer: Gazetteer, told: Told
) -> None:
    entries = without_texts(data.draw(histories(gazetteer, told)))
    whole, only = fold(enumerate(entries, 1), str), SLICES[0]
    made = loaded(entries, only).graph
    wanted = {name for name, one in whole.claims.items() if not one.when.is_open and one.when.overlaps(only.period)}
    assert set(made.claims) == wanted
    assert made.left_out == len(whole.claims) - len(wanted)


def test_what_was_taken_back_is_neither_held_nor_left_out(desk: Desk) -> None:
    desk.tell("Ardania accused Beloria. Beloria denied Ardania.")
    (claim,) = (one.id for one in desk.graph.claims.values() if one.type is ClaimType.DENIES)
    desk.decide(DecisionKind.RETRACT, claim)
    for year, held in ((2031, 1), (2041, 0)):
        only = Slice(Period(date(year, 1, 1), date(year, 12, 31)))
        made = loaded([entry for _, entry in desk.entries], only).graph
        assert (len(made.claims), made.left_out) == (held, 1 - held)


def test_a_slice_by_an_actor_nobody_knows_is_refused(desk: Desk) -> None:
    desk.tell("Ardania accused Beloria.")
    with pytest.raises(BadQuery, match="'Nowhere', and no actor of the ledger is called so"):
        loaded([entry for _, entry in desk.entries], Slice(actors=("Nowhere",)))


def test_only_an_empty_fold_that_can_read_is_loaded(desk: Desk) -> None:
    desk.tell("Ardania accused Beloria.")
    with pytest.raises(ValueError, match="only an empty fold"):
        Fold().load(1)
    made = loaded([entry for _, entry in desk.entries])
    with pytest.raises(ValueError, match="only an empty fold"):
        made.load(1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("since=2031-05", "since=2031-05-01"),
        ("region=ard; bel , actors = Ardania;Red Wing", "actors=Ardania;Red Wing,region=ARD;BEL"),
        ("until=2031-05-04,since=2030", "since=2030-01-01,until=2031-05-04"),
    ],
)
def test_a_slice_is_read_and_told(text: str, said: str) -> None:
    found = Slice.parse(text)
    assert str(found) == said
    assert Slice.parse(said) == found


@pytest.mark.parametrize("text", ["", " ", ",", " , "])
def test_nothing_asked_is_everything(text: str) -> None:
    assert Slice.parse(text) is None


@pytest.mark.parametrize(
    "text", ["from=2031", "since", "since=", "since=2031,since=2032", "since=May", "region=Ardania", "region=A1B"]
)
def test_what_is_no_slice_is_refused(text: str) -> None:
    with pytest.raises(BadQuery):
        Slice.parse(text)
