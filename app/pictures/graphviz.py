"""Nodes and edges in, a point for each node out, as the Graphviz program places them where this machine has it.

Graphviz decides only where nodes lie; what is drawn there is ours (`app.pictures.svg`), so that a picture says the same
with and without it. It gets numbers for names: nothing of an article reaches it.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence

import numpy as np

from app.pictures.layout import EMPTY, Layout, Layouter, Placed, pieces_of, side_by_side
from app.vocabulary.errors import MissingPart

SECONDS = 30.0
"""After so long Graphviz is given up."""
_INCH = 72.0
# Springs (Kamada and Kawai) from a start that is always the same; then nodes are pushed apart until no two overlap.
_HOW = "layout=neato overlap=scalexy start=7 sep=0.08 maxiter=600 splines=false"


def graphviz() -> Layouter | None:
    """How this machine's Graphviz lays out; None where it has none."""
    program = shutil.which("dot")
    return None if program is None else layout_by(program)


def layout_by(program: str) -> Layouter:
    """How the Graphviz program at this path lays out."""

    def lay_out(
        nodes: Sequence[str],
        edges: Sequence[tuple[str, str]],
        room: Mapping[str, tuple[float, float]],
        margin: float = 70.0,
    ) -> Layout:
        """Place the nodes; the arguments are those of `app.pictures.layout.lay_out`.

        Raises:
            MissingPart: Graphviz cannot be run, or gives no answer that can be used.
        """
        if not nodes:
            return EMPTY
        names = {node: f"n{i}" for i, node in enumerate(nodes)}
        found = _parsed(_run(program, _question(names, edges, room)))
        if set(found) != set(names.values()):
            raise MissingPart(f"Graphviz ({program}) did not place all nodes; use the built-in layout")
        points = {node: found[name] for node, name in names.items()}
        # It sets pieces into each other's gaps, where the edges of one run through another.
        return side_by_side([_piece(piece, points, room) for piece in pieces_of(nodes, edges)], margin)

    return lay_out


def _question(
    names: Mapping[str, str], edges: Sequence[tuple[str, str]], room: Mapping[str, tuple[float, float]]
) -> str:
    boxes = [
        f"{name} [width={room[node][0] / _INCH:.3f} height={room[node][1] / _INCH:.3f}];"
        for node, name in names.items()
    ]
    # Many edges between two need room for themselves, so they do not pull harder than one, and are longer.
    pairs: dict[tuple[str, str], int] = {}
    for one, other in edges:
        if one != other:
            low, high = sorted((one, other))
            pairs[low, high] = pairs.get((low, high), 0) + 1
    ties = [f"{names[a]} -- {names[b]} [len={2.4 + 0.25 * min(n, 8):.2f}];" for (a, b), n in pairs.items()]
    return "\n".join([f"graph {{ graph [{_HOW}];", 'node [shape=box fixedsize=true label=""];', *boxes, *ties, "}"])


def _run(program: str, question: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 -- the program is what the machine calls dot; the input names no file
            [program, "-Tplain"], input=question, capture_output=True, text=True, timeout=SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError) as why:
        raise MissingPart(f"Graphviz ({program}) could not be used: {why}; use the built-in layout") from why
    return done.stdout


def _parsed(answer: str) -> dict[str, tuple[float, float]]:
    """Node and middle, from the "plain" output format: x to the right, y up, in inches."""
    found = {}
    for line in answer.splitlines():
        match line.split():
            case ["node", name, x, y, *_]:
                found[name] = (float(x) * _INCH, -float(y) * _INCH)
            case _:
                pass
    return found


def _piece(
    names: list[str], points: Mapping[str, tuple[float, float]], room: Mapping[str, tuple[float, float]]
) -> Placed:
    """A connected piece where Graphviz put it, from its own upper left corner."""
    middles = np.array([points[name] for name in names], dtype=np.float64)
    boxes = np.array([room[name] for name in names], dtype=np.float64)
    low, high = (middles - boxes / 2).min(axis=0), (middles + boxes / 2).max(axis=0)
    return names, middles - low, high - low
