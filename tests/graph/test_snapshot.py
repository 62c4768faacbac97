"""A fold that went through columns on disk is the fold that it was, and goes on as that would."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.graph import ConflictGraph, Fold, PlacedClaim, fold, snapshot
from app.graph.snapshot import Snapshots
from app.linking import link
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article, Claim
from app.vocabulary.terms import ClaimType, Modality, ThreatKind
from app.vocabulary.times import Period
from tests.graph.histories import TEXTS, histories, runs

if TYPE_CHECKING:
    from tests.conftest import Told
    from tests.graph.conftest import Answers, Desk, Entry

Ask = Callable[[ConflictGraph], "Answers"]


def digest(revision: int) -> str:
    return f"{revision:064x}"


def order(graph: ConflictGraph) -> dict[str, Any]:
    """What the answers of a graph are in the order of."""
    return {
        "claims": list(graph.claims),
        "nodes": [*graph.actors, *graph.places, *graph.incidents],
        "edges": [edge.id for edge in graph.edges()],
        "at": {node: [edge.id for edge in graph.edges_at(node)] for node in (*graph.actors, *graph.incidents)},
        "edgeless": [list(graph.claims_without_edge(kind, one)) for kind in ClaimType for one in (None, *graph.actors)],
        "apart": [list(graph.claims_apart(one, other)) for one in graph.actors for other in graph.actors],
    }


def through(made: Fold, entries: list[Entry], folder: Path) -> Fold:
    """What a snapshot of the fold gives back, which reads anew from these entries where it must."""
    snapshots = Snapshots(folder)
    snapshots.write(made, digest(made.graph.revision))
    numbered = list(enumerate(entries, 1))
    found = snapshots.read(digest, reload=lambda until: numbered[:until], appended_at=str)
    assert found is not None
    return found


@settings(max_examples=120, deadline=None)
@given(data=st.data(), which=st.sampled_from([histories, runs]))
def test_a_fold_goes_on_from_a_snapshot_as_if_there_were_none(
    data: st.DataObject, which: Any, gazetteer: Gazetteer, told: Told, answers: Ask
) -> None:
    entries = without_texts(data.draw(which(gazetteer, told)))
    cut = data.draw(st.integers(1, len(entries)))
    numbered = list(enumerate(entries, 1))
    made = Fold(str)
    made.feed(numbered[:cut])
    with TemporaryDirectory() as folder:
        restored = through(made, entries, Path(folder))
        assert differing(answers(restored.graph), answers(made.graph)) == {}
        assert order(restored.graph) == order(made.graph)
        restored.feed(numbered[cut:])
        # And once more, now that something may have been read anew.
        again = through(restored, entries, Path(folder))
    whole = answers(fold(numbered, str))
    assert differing(answers(restored.graph), whole) == {}
    assert differing(answers(again.graph), whole) == {}
    # What it has been fed already changes nothing, however often it comes.
    restored.feed(numbered)
    assert differing(answers(restored.graph), whole) == {}


def differing(found: Answers, expected: Answers) -> dict[str, Any]:
    return {name: (found[name], expected[name]) for name in expected if found[name] != expected[name]}


def without_texts(entries: list[Entry]) -> list[Entry]:
    """As a ledger gives them for folding."""
    return [dataclasses.replace(one, text="") if isinstance(one, Article) else one for one in entries]


def everything(gazetteer: Gazetteer, told: Told) -> list[Entry]:
    entries: list[Entry] = []
    for text in TEXTS:
        article, reading = told(text)
        found = link(reading, gazetteer)
        entries += [article, *found.actors, *found.places, reading, *found.decisions]
    return entries


@pytest.fixture
def written(gazetteer: Gazetteer, told: Told, tmp_path: Path) -> tuple[Path, Fold]:
    made = Fold()
    made.feed(enumerate(everything(gazetteer, told), 1))
    return Snapshots(tmp_path).write(made, digest(made.graph.revision)), made


def read(place: Path, **changed: Any) -> Fold | None:
    return Snapshots(place.parent).read(**{"digest": digest, "reload": lambda _: (), **changed})


def test_the_snapshot_of_another_ledger_is_passed_over(written: tuple[Path, Fold]) -> None:
    place, made = written
    assert read(place) is not None
    assert read(place, digest=lambda _: "f" * 64) is None
    assert read(place, digest=lambda _: None) is None
    assert read(place, until=made.graph.revision) is not None
    assert read(place, until=made.graph.revision - 1) is None


def test_the_snapshot_of_other_code_is_passed_over(written: tuple[Path, Fold], monkeypatch: pytest.MonkeyPatch) -> None:
    place, made = written
    snapshots = Snapshots(place.parent)
    assert snapshots.claims() == len(made.graph.claims) > 0
    monkeypatch.setattr(snapshot, "_code", lambda: "another version")
    assert read(place) is None
    # Or nobody would ever write one anew after an upgrade.
    assert snapshots.claims() == 0


def test_whatever_byte_is_damaged_it_is_passed_over(written: tuple[Path, Fold]) -> None:
    place, _ = written
    for path in sorted(place.iterdir()):
        whole = path.read_bytes()
        for at in (0, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :])
            assert read(place) is None, path
        for cut in (0, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:cut])
            assert read(place) is None, path
        path.unlink()
        assert read(place) is None, path
        path.write_bytes(whole)
    assert read(place) is not None


def test_an_older_one_goes_when_a_newer_is_written_and_serves_until_then(
    gazetteer: Gazetteer, told: Told, tmp_path: Path
) -> None:
    entries = list(enumerate(everything(gazetteer, told), 1))
    made = Fold()
    made.feed(entries[:20])
    snapshots = Snapshots(tmp_path)
    older = snapshots.write(made, digest(20))
    made.feed(entries[20:])
    newer = snapshots.write(made, digest(len(entries)))
    assert [path.name for path in tmp_path.iterdir()] == [newer.name]
    assert older != newer
    assert snapshots.claims() == len(made.graph.claims) > 0
    assert snapshots.write(made, digest(len(entries))) == newer


def test_no_snapshot_no_fold(tmp_path: Path) -> None:
    assert Snapshots(tmp_path / "none").read(digest, reload=lambda _: ()) is None
    assert Snapshots(tmp_path / "none").claims() == 0
    (tmp_path / "notes.txt").touch()
    (tmp_path / "7-half").mkdir()
    assert Snapshots(tmp_path).read(digest, reload=lambda _: ()) is None


def test_one_that_cannot_be_written_leaves_nothing(written: tuple[Path, Fold], monkeypatch: pytest.MonkeyPatch) -> None:
    place, made = written
    monkeypatch.setattr(snapshot, "_write", _full)
    with pytest.raises(OSError, match="No space left"):
        Snapshots(place.parent).write(made, "e" * 64)
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def _full(*_: object, **__: object) -> None:
    raise OSError(28, os.strerror(28))


def test_every_field_of_a_record_comes_back(desk: Desk, tmp_path: Path) -> None:
    """A field that is added to a record and forgotten by the columns would come back as its default."""
    desk.tell(TEXTS[0])
    made = Fold()
    graph = made.feed(desk.entries)
    placed = next(iter(graph.claims.values())).placed()
    evidence = dataclasses.replace(placed.claim.evidence, part="title", start=3, end=9, quote="Beh\udc80rde")
    claim = Claim(
        article="art-00000000000000000007",
        type=ClaimType.RETALIATES,
        speaker="men-00000000000000000001",
        source="men-00000000000000000002",
        target="another",
        modality=Modality.THREATENED,
        evidence=dataclasses.replace(evidence, article="art-00000000000000000007"),
        incident="inc-00000000000000000003",
        date="2031-05",
        responds_to="clm-00000000000000000004",
        denial_kind=None,
        threat_kind=ThreatKind.CONDITIONAL,
        source_named="men-00000000000000000002",
        target_named="men-000000000000000000",
        relayed_by=("men-00000000000000000005", "men-00000000000000000006"),
        confidence=0.123456789,
        cue="retaliate/vow",
    )
    whole = PlacedClaim(
        claim=claim,
        speaker="actor-oda-renn",
        source="actor-ardania",
        target="actor-beloria",
        target_named="actor-fleet",
        incident="inc-00000000000000000008",
        when=Period.parse("2031-05"),
        published="2031-05-09",
        publisher="Port Gazette",
        source_named="actor-coast-guard",
        relayed_by=("actor-agency", "actor-ministry"),
        happened=Period.parse("2031-04-30"),
        ingested="2031-05-10T00:00:00+00:00",
        lineage="art-00000000000000000009",
    )
    for record in (claim, whole):
        named = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
        assert [name for name, value in named.items() if not value] == (["denial_kind"] if record is claim else [])
    graph.add_claim(whole)
    restored = through(made, [], tmp_path).graph
    for one in (graph, restored):
        assert one.claims[claim.id].placed() == whole
        assert one.claims[placed.claim.id].placed() == placed
    assert restored.answers_to("clm-00000000000000000004") == [claim.id]
