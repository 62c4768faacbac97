"""Temporary tables on disk: groups in the order in which they came, bytes by name, and outlets of events."""

from __future__ import annotations

from contextlib import closing

from app.intake.coded.scratch import Groups, Outlets, Shelf


def test_groups_come_in_the_order_of_their_first_and_so_do_the_texts_in_each() -> None:
    with closing(Groups()) as groups:
        for key, body in (("z", "1"), ("a", "2"), ("z", "3"), ("m", "4"), ("a", "5")):
            groups.add(key, body)
        assert list(groups) == [("z", "1"), ("z", "3"), ("a", "2"), ("a", "5"), ("m", "4")]
        assert len(groups) == 5


def test_the_newest_bytes_under_a_name_count() -> None:
    with closing(Shelf()) as shelf:
        shelf.put("a", b"1")
        shelf.put("a", b"2\x00")
        assert (shelf.get("a"), shelf.get("b")) == (b"2\x00", None)


def test_outlets_of_an_event_come_in_their_order_and_each_counts_once() -> None:
    with closing(Outlets()) as outlets:
        for event, outlet, confidence in ((7, "z", 40), (7, "a", 20), (8, "m", 90), (7, "z", 60), (7, "k", 10)):
            outlets.add(event, outlet, confidence)
        assert outlets.of(7, 2) == (["z", "a"], 3, 60)
        assert outlets.of(8, 2) == (["m"], 1, 90)
        assert outlets.of(9, 2) == ([], 0, 0)
