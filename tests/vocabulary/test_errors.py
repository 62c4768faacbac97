"""Errors travel: out of a worker process they must come as they went in."""

from __future__ import annotations

import pickle

import pytest

from app.vocabulary import errors
from app.vocabulary.errors import BadInput, PolemosError, TooLarge

EVERY = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, PolemosError)]


@pytest.mark.parametrize("kind", EVERY)
def test_an_error_survives_the_way_between_processes(kind: type[PolemosError]) -> None:
    sent = kind("bad_json", "line 3 is not JSON") if kind is BadInput else kind("what is wrong")
    received = pickle.loads(pickle.dumps(sent))
    assert type(received) is kind
    assert str(received) == str(sent)
    assert vars(received) == vars(sent)


def test_an_input_that_is_too_large_is_counted_as_such() -> None:
    assert TooLarge("30 MB").reason == "too_large"


def test_the_drawing_shows_every_error_under_its_own_parent() -> None:
    assert errors.__doc__ is not None
    names = []
    for line in errors.__doc__.splitlines():
        found = line.lstrip(" ├└│─")
        if found.split(" ")[0] in {kind.__name__ for kind in EVERY}:
            names.append((len(line) - len(found), found.split(" ")[0]))
    assert {name for _, name in names} == {kind.__name__ for kind in EVERY}
    above: list[tuple[int, str]] = []
    for depth, name in names:
        above = [row for row in above if row[0] < depth]
        if above:
            assert getattr(errors, name).__base__ is getattr(errors, above[-1][1])
        above.append((depth, name))
