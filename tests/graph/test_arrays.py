"""What columns, ids and postings hold is what plain Python would hold, however much is added, and after a restart."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.graph.arrays import NONE, Codes, Column, Ids, Postings, Slots, Texts, apart, together
from app.graph.claims import ClaimTable
from app.graph.network import EdgeTable, _hash
from app.graph.nodes import Nodes
from app.vocabulary.terms import EdgeKind, Modality

CONTENT_IDS = st.integers(0, 2**80 - 1).map(lambda number: f"clm-{number:020x}")
ODD_IDS = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        ["clm-", "clm-0000000000000000000G", "clm-0_00000000000000000a", "CLM-" + "0" * 20, "clm-" + "0" * 19]
    ),
)


def through_a_state(ids: Ids) -> Ids:
    found = Ids(ids.prefix)
    found.restore(ids.state())
    return found


@settings(deadline=None)
@given(names=st.lists(st.one_of(CONTENT_IDS, ODD_IDS, st.sampled_from(["clm-" + "0" * 20, "x"])), max_size=80))
def test_ids_are_numbered_as_they_come(names: list[str]) -> None:
    ids = Ids("clm")
    rows: dict[str, int] = {}
    for name in names:
        rows.setdefault(name, len(rows))
        assert ids.add(name) == rows[name]
    for known in (ids, through_a_state(ids), copy.deepcopy(ids)):
        assert list(known) == list(rows)
        assert [known.find(name) for name in rows] == list(rows.values())
        assert known.find("clm-" + "f" * 20) == rows.get("clm-" + "f" * 20, NONE)
        assert "never" not in known
        everything = np.arange(len(rows), dtype=np.int32)
        in_order = everything[np.lexsort(known.order(everything))] if len(rows) else everything
        assert known.names(in_order.tolist()) == sorted(rows)


def test_ids_that_want_the_same_slot_are_told_apart() -> None:
    ids = Ids("clm")
    names = [f"clm-{number << 24:020x}" for number in range(5_000)]
    assert [ids.add(name) for name in names] == list(range(5_000))
    assert [ids.find(name) for name in names] == list(range(5_000))


@settings(deadline=None)
@given(hashes=st.lists(st.integers(0, 2**64 - 1), max_size=300))
def test_slots_find_every_row_filled_or_added(hashes: list[int]) -> None:
    known = np.array(hashes, np.uint64)
    filled, added = Slots(), Slots()
    filled.fill(known)
    for row, hash_ in enumerate(hashes):
        added.add(row, hash_, lambda until=row: known[: until + 1])  # type: ignore[misc]
    for slots in (filled, added, copy.deepcopy(added)):
        assert all(row in set(slots.candidates(hash_)) for row, hash_ in enumerate(hashes))


@pytest.mark.parametrize(("slots", "count"), [(np.zeros(15, np.int32), 3), (np.zeros(16, np.int32), 16)])
def test_what_are_no_slots_is_refused(slots: Any, count: int) -> None:
    with pytest.raises(ValueError, match="no slots"):
        Slots().restore(slots, count)


def newest_first(rows: Any) -> tuple[Any, ...]:
    return (-rows,)


@settings(max_examples=60, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.integers(0, 2**64 - 1) | st.integers(0, 5), st.integers(0, 2**31 - 1)), max_size=120),
    order=st.sampled_from([None, newest_first]),
    settled=st.sets(st.integers(0, 120)),
)
def test_postings_hold_the_rows_of_each_key_in_order(
    pairs: list[tuple[int, int]], order: Callable[[Any], tuple[Any, ...]] | None, settled: set[int]
) -> None:
    postings, expected = Postings(order), dict[int, list[int]]()
    for number, (key, row) in enumerate(pairs):
        postings.add(key, row)
        expected.setdefault(key, []).append(row)
        assert postings.count(key) == len(expected[key])
        if number in settled:
            postings.settle()
    if order is not None:
        expected = {key: sorted(rows, reverse=True) for key, rows in expected.items()}
    again = Postings(order)
    again.restore(postings.state())
    for known in (postings, again, copy.deepcopy(postings)):
        assert {key: known.rows(key).tolist() for key in known.keys()} == expected  # noqa: SIM118 # no mapping
        assert known.rows(77).tolist() == expected.get(77, [])
        wanted = np.array(sorted({*expected, 77, 2**63}), np.uint64)
        gathered, counts = known.gather(wanted)
        parts = np.split(gathered, np.cumsum(counts)[:-1])
        assert [sorted(part.tolist()) for part in parts] == [sorted(expected.get(key, [])) for key in wanted.tolist()]


def test_postings_settle_by_themselves_and_grow_on() -> None:
    postings = Postings()
    for row in range(20_000):
        postings.add(row % 7, row)
    assert postings.rows(3).tolist() == list(range(3, 20_000, 7))
    with pytest.raises(ValueError, match="no postings"):
        postings.restore({"keys": np.zeros(2, "u8"), "starts": np.zeros(2, "i4"), "block": np.zeros(0, "i4")})


@settings(deadline=None)
@given(texts=st.lists(st.binary(max_size=40), max_size=150), asked=st.data())
def test_texts_come_back(texts: list[bytes], asked: st.DataObject) -> None:
    held, again = Texts(), Texts()
    for text in texts:
        held.append(text)
    again.restore(held.state())
    for known in (held, again):
        assert len(known) == len(texts)
        for row in asked.draw(st.lists(st.integers(0, max(0, len(texts) - 1)), max_size=20)) if texts else ():
            assert known.get(row) == texts[row]
    assert [bytes(one) for one in apart(together(texts))] == texts


def test_texts_are_learnt_from_as_they_come() -> None:
    dice = random.Random(3)
    words = [dice.randbytes(6).hex() for _ in range(60)]
    texts = [" ".join(dice.choices(words[n // 80 : n // 80 + 20], k=9)).encode() for n in range(3_000)]
    texts[700], texts[701] = dice.randbytes(100_000), b""
    held, again = Texts(), Texts()
    for number, text in enumerate(texts):
        held.append(text)
        if number in (100, 511, 512, 600, 2_047, 2_048, 2_999):
            again.restore(held.state())
            assert [again.get(row) for row in range(len(again))] == texts[: number + 1]
    # What is restored goes on from where it was.
    for text in texts:
        again.append(text)
    assert [again.get(row) for row in range(len(again))] == texts * 2
    state = held.state()
    assert len(state["dictionaries"]["ends"]) == 3
    assert len(state["blocks"]["bytes"]) - 100_000 < 0.5 * (sum(map(len, texts)) - 100_000)


def test_a_column_keeps_its_numbers_as_it_grows() -> None:
    column = Column("f8")
    for number in range(1_000):
        column.append(number / 3)
    for number in range(5_000):
        column.append(number / 7)
    assert column.values.tolist() == [
        *(number / 3 for number in range(1_000)),
        *(number / 7 for number in range(5_000)),
    ]
    assert len(column) == 6_000
    assert copy.deepcopy(column).values.tolist() == column.values.tolist()


def test_a_value_has_one_code() -> None:
    codes: Codes[str | None] = Codes(["a"])
    assert [codes.code(value) for value in ("b", None, "a", "b")] == [1, 2, 0, 1]
    assert (codes.find("c"), len(codes), "b" in codes) == (NONE, 3, True)


@settings(deadline=None)
@given(
    keys=st.lists(
        st.tuples(
            st.sampled_from(EdgeKind),
            st.integers(0, 40),
            st.integers(0, 2**30 + 40),
            st.sampled_from([None, *Modality]),
            st.integers(-1, 2**30 + 5),
        ),
        max_size=120,
    )
)
def test_an_edge_is_found_again(keys: list[tuple[EdgeKind, int, int, Modality | None, int]]) -> None:
    nodes = Nodes()
    table = EdgeTable(nodes, ClaimTable(nodes, Ids("art")))
    rows: dict[tuple[EdgeKind, int, int, Modality | None, int], int] = {}
    for key in keys:
        assert table.add(*key, NONE) == (key not in rows)
        rows.setdefault(key, len(rows))
    again = EdgeTable(nodes, ClaimTable(nodes, Ids("art")))
    again.restore(table.state())
    for known in (table, again):
        assert [known.find(*key) for key in rows] == list(rows.values())
    # Those of all edges at once are those of each.
    columns = [table.columns[name].values.tolist() for name in ("kind", "modality", "source", "target", "incident")]
    each = [_hash((kind << 4 | modality, *ends)) for kind, modality, *ends in zip(*columns, strict=True)]
    assert table._hashes().tolist() == each


@settings(deadline=None, max_examples=60)
@given(
    keys=st.lists(st.tuples(st.sampled_from(EdgeKind), st.integers(0, 4), st.integers(0, 4)), max_size=60),
    kinds=st.sets(st.sampled_from(EdgeKind), min_size=1),
    at=st.sets(st.integers(0, 4), min_size=1),
    first=st.integers(1, 5),
)
def test_edges_beside_nodes_come_in_parts(
    keys: list[tuple[EdgeKind, int, int]], kinds: set[EdgeKind], at: set[int], first: int
) -> None:
    nodes = Nodes()
    table = EdgeTable(nodes, ClaimTable(nodes, Ids("art")))
    for kind, source, target in keys:
        table.add(kind, source, target, None, NONE, NONE)
    found = [
        (row, other)
        for row, (kind, source, target) in enumerate(dict.fromkeys(keys))
        for end, other in ((source, target), (target, source))
        if kind in kinds and end in at
    ]
    here = np.array(sorted(at), np.int32)
    rows, ends = table.beside(kinds, here)
    assert sorted(zip(rows.tolist(), ends.tolist(), strict=True)) == sorted(found)
    parts = list(table.beside_by_parts(kinds, here, first))
    assert all(len(part) <= first * 4**number for number, (part, _) in enumerate(parts))
    assert [row for part, _ in parts for row in part.tolist()] == rows.tolist()
    assert [end for _, part in parts for end in part.tolist()] == ends.tolist()
