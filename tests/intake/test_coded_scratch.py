"""Temporary tables on disk: groups in the order in which they came, and bytes by name."""

from __future__ import annotations

from contextlib import closing

from app.intake.coded.scratch import Groups, Shelf


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
