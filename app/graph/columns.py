"""A fold in, arrays of numbers and one document of all the rest out, and back, with everything in the order it had."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.graph.fold import Entries, Fold
from app.graph.identity import Clusters, Rank
from app.graph.model import ResolvedAcknowledgement
from app.graph.slices import Slice
from app.graph.verdict import Verdict
from app.vocabulary.records import Actor, Decision, Place
from app.vocabulary.terms import ClaimType, DenialKind, Modality, ThreatKind
from app.vocabulary.times import Period

Arrays = dict[str, NDArray[Any]]

_WORDS = list[str]
_GIVEN = list[str | None]
# What of a state is no array, by the end of its name: what it is read back as.
_KINDS: dict[str, Any] = {
    "odd": list[tuple[str, int]],
    "extractors": _WORDS,
    "others": _WORDS,
    "nodes.words": _WORDS,
    "words": _GIVEN,
    "sorts": list[tuple[ClaimType, Modality, DenialKind | None, ThreatKind | None]],
    "periods": list[Period],
    "told": list[tuple[str | None, str | None, str | None]],
    "relayed": list[tuple[int, tuple[tuple[str, ...], tuple[str, ...]]]],
    "responding": list[tuple[int, str]],
    "types": list[tuple[str, ...]],
    "labels": list[tuple[int, str]],
    "incidents.others": list[tuple[int, int]],
    "apart": list[tuple[str, list[str]]],
    "ranks": dict[str, Rank],
    "missing": list[str],
    "left_out": int,
    "undone": list[str],
    "retracted": list[str],
    "conflicted": list[str],
    "corrected": list[tuple[str, str, Decision]],
    "by_people": list[list[str]],
    "decisions": list[Decision],
    "actors": list[Actor],
    "places": list[Place],
    "acknowledgements": list[ResolvedAcknowledgement],
}


def state_of(fold: Fold) -> tuple[Arrays, bytes]:
    """The arrays of a fold by name, and the rest of it as JSON."""
    arrays: Arrays = {}
    rest: dict[str, Any] = {}
    for name, value in _flat("", _state(fold)):
        if isinstance(value, np.ndarray):
            arrays[name] = value
        else:
            rest[name] = value
    return arrays, msgspec.json.encode(rest)


def restored(
    arrays: Arrays,
    rest: bytes,
    revision: int,
    reload: Callable[[int], Entries],
    appended_at: Callable[[int], str | None] | None,
    only: Slice | None = None,
) -> Fold:
    """The fold that `state_of` wrote down.

    Args:
        arrays: Its arrays; they become part of the fold, and must be writable or are copied.
        rest: The rest.
        revision: The revision it was at.
        reload: All entries up to a revision, for when everything has to be folded anew after all.
        appended_at: As `Fold` takes it.
        only: Which claims it holds.

    Raises:
        KeyError, ValueError, TypeError, IndexError, msgspec.MsgspecError: They are of no fold.
    """
    state: dict[str, Any] = {}
    for name, value in arrays.items():
        _put(state, name, value)
    for name, raw in msgspec.json.decode(rest, type=dict[str, msgspec.Raw]).items():
        _put(state, name, msgspec.json.decode(raw, type=_kind(name)))
    fold = Fold(appended_at, reload, only)
    _restore(fold, state)
    fold.graph.revision, fold.graph.left_out = revision, state["fold"]["left_out"]
    fold._is_whole = False
    return fold


def _flat(name: str, state: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for part, value in state.items():
        path = f"{name}.{part}" if name else part
        # Ranks are told by id; every other dict is a level of the state.
        if isinstance(value, dict) and part != "ranks":
            yield from _flat(path, value)
        else:
            yield path, value


def _put(state: dict[str, Any], name: str, value: object) -> None:
    *levels, last = name.split(".")
    for level in levels:
        state = state.setdefault(level, {})
    state[last] = value


def _kind(name: str) -> Any:  # noqa: ANN401 # msgspec takes a type as a value
    parts = name.split(".")
    for start in range(len(parts)):
        kind = _KINDS.get(".".join(parts[start:]))
        if kind is not None:
            return kind
    raise KeyError(name)


def _state(fold: Fold) -> dict[str, Any]:
    graph, verdict = fold.graph, fold._verdict
    return {
        "articles": fold._articles.state(),
        "read": graph.articles.state(),
        "nodes": graph._nodes.state(),
        "claims": graph.claims.state(),
        "incidents": graph.incidents.state(),
        "merged": graph.merged.state(),
        "edges": graph._edges.state(),
        "index": {name: getattr(graph, f"_{name}").state() for name in _INDEXES},
        "tellings": fold._tellings.state(),
        "clusters": verdict.clusters.state(),
        "lineages": verdict.lineages.state(),
        "judged": fold._judged.state(),
        "graph": {
            "actors": list(graph.actors.values()),
            "places": list(graph.places.values()),
            "acknowledgements": list(graph.acknowledgements.values()),
            "conflicts": {"decisions": graph.conflicts},
            "doubts": {"decisions": graph.doubts},
        },
        "fold": {
            "actors": list(fold._actors.values()),
            "places": list(fold._places.values()),
            "missing": sorted(fold._missing),
            "ranks": fold._ranks.own,
            "left_out": graph.left_out,
        },
        "verdict": {
            "undone": sorted(verdict.undone),
            "retracted": sorted(verdict.retracted),
            "conflicted": sorted(verdict.conflicted),
            "corrected": [
                (name, what, one) for name, found in verdict.corrected.items() for what, one in found.items()
            ],
            "by_people": sorted(sorted(pair) for pair in verdict.by_people),
            "doubted": {"decisions": verdict.doubted},
            "conflicts": {"decisions": verdict.clusters.conflicts},
            "lineage_conflicts": {"decisions": verdict.lineages.conflicts},
        },
    }


_INDEXES = ("said", "faced", "dyads", "by_type", "by_incident", "by_article", "apart", "edgeless")


def _restore(fold: Fold, state: dict[str, Any]) -> None:
    graph = fold.graph
    fold._articles.restore(state["articles"])
    graph.articles.restore(state["read"])
    graph._nodes.restore(state["nodes"])
    graph.claims.restore(state["claims"])
    graph.incidents.restore(state["incidents"])
    graph.merged.restore(state["merged"])
    graph._edges.restore(state["edges"])
    for name in _INDEXES:
        getattr(graph, f"_{name}").restore(state["index"][name])
    graph._restore(state["graph"]["actors"], state["graph"]["places"], state["graph"]["acknowledgements"])
    graph.conflicts, graph.doubts = (state["graph"][name]["decisions"] for name in ("conflicts", "doubts"))

    fold._actors = {actor.id: actor for actor in state["fold"]["actors"]}
    fold._places = {place.id: place for place in state["fold"]["places"]}
    fold._missing = set(state["fold"]["missing"])
    fold._tellings.restore(state["tellings"])
    fold._judged.restore(state["judged"])
    fold._ranks.own = state["fold"]["ranks"]
    told = state["verdict"]
    verdict = fold._verdict = Verdict(
        undone=set(told["undone"]),
        retracted=set(told["retracted"]),
        clusters=Clusters(fold._ranks, told["conflicts"]["decisions"]),
        lineages=Clusters(fold._ranks, told["lineage_conflicts"]["decisions"]),
        conflicted=set(told["conflicted"]),
        doubted=told["doubted"]["decisions"],
        by_people={frozenset(pair) for pair in told["by_people"]},
    )
    verdict.clusters.restore(state["clusters"])
    verdict.lineages.restore(state["lineages"])
    for name, what, decision in told["corrected"]:
        verdict.corrected.setdefault(name, {})[what] = decision
