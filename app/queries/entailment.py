"""A denial and an actor in, whether the denial is the actor's own or only that of a part of it out.

An affirmation entails its wholes: who says that an army did it says that its state did. A rejection does not: an army
that denies has not denied for its state, and the page of the state shows it as a narrower denial that is not counted as
the state's. A ministry, an embassy or a spokesman is a voice of its whole and denies for it.
"""

from __future__ import annotations

from app.graph import ConflictGraph, ResolvedClaim
from app.vocabulary.terms import ActorKind, ClaimType

SPEAK_FOR_THEMSELVES = frozenset(
    {ActorKind.ARMED_FORCE, ActorKind.ARMED_GROUP, ActorKind.POLITICAL_GROUP, ActorKind.COMPANY}
)
"""Kinds of actors whose denial is never their whole's. A government body's is: it is there to speak for its state."""


def denier(graph: ConflictGraph, claim: ResolvedClaim) -> str:
    """The narrowest actor a claim is said for: the body its article names, or one that speaks, else the source."""
    for one in (claim.source_named, claim.speaker):
        if one is not None and graph.actors[one].kind in SPEAK_FOR_THEMSELVES:
            return one
    return claim.source


def is_narrower(graph: ConflictGraph, claim: ResolvedClaim, whole: str) -> bool:
    """True for a denial by a part of `whole` that speaks for itself, so that it is no denial by `whole`.

    Where the claim's own source is such a part ("the brigade"), it is narrower for everything above that.
    """
    if claim.type is not ClaimType.DENIES:
        return False
    own = denier(graph, claim)
    return own != whole and graph.actors[own].kind in SPEAK_FOR_THEMSELVES
