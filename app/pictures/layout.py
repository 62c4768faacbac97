"""Nodes and edges in, a point for each node out, the same whenever it is asked; no two nodes lie on each other.

Connected pieces are laid out one by one and packed on a landscape page: force-directed (Fruchterman–Reingold in numpy,
since networkx's needs scipy for large graphs), a ring for a handful of nodes, a spiral for more than forces can sort.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import networkx as nx
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
TINY = 3
# Each round of the forces costs the square of the number of nodes.
MOST_BY_FORCE = 1200
ROUNDS = 400
ASPECT = 1.5
EDGE = 175.0


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the nodes lie (x to the right, y down), on a canvas of this size."""

    points: Mapping[str, tuple[float, float]]
    width: float
    height: float


EMPTY = Layout({}, 600.0, 300.0)
"""Where there is nothing to place."""


class Layouter(Protocol):
    """What places nodes: `lay_out` here, or a program that the machine has (`app.pictures.graphviz`)."""

    def __call__(
        self,
        nodes: Sequence[str],
        edges: Sequence[tuple[str, str]],
        room: Mapping[str, tuple[float, float]],
        margin: float = 70.0,
    ) -> Layout:
        """Place the nodes; see `lay_out`."""
        ...


def lay_out(
    nodes: Sequence[str],
    edges: Sequence[tuple[str, str]],
    room: Mapping[str, tuple[float, float]],
    margin: float = 70.0,
) -> Layout:
    """Place the nodes.

    Args:
        nodes: Their ids.
        edges: Pairs of ids.
        room: Width and height each node needs with its label.
        margin: What stays free around.
    """
    if not nodes:
        return EMPTY
    return side_by_side([_piece(piece, edges, room) for piece in pieces_of(nodes, edges)], margin)


Placed = tuple[list[str], Points, Points]
"""A connected piece: its nodes, their points from its own upper left corner, and its size."""


def side_by_side(pieces: Sequence[Placed], margin: float) -> Layout:
    """Set pieces, the largest first, on one page, so that an edge of one runs through no other."""
    boxes = [(float(size[0]), float(size[1])) for _, _, size in pieces]
    corners, (width, height) = _packed(boxes)
    placed = {}
    for (names, points, _), (left, top) in zip(pieces, corners, strict=True):
        for node, (x, y) in zip(names, points, strict=True):
            placed[node] = (round(float(x) + left + margin, 2), round(float(y) + top + margin, 2))
    return Layout(placed, math.ceil(width + 2 * margin), math.ceil(height + 2 * margin))


def pieces_of(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[list[str]]:
    """The connected pieces, the largest first."""
    whole = nx.Graph()
    whole.add_nodes_from(nodes)
    whole.add_edges_from(edges)
    order = {node: i for i, node in enumerate(nodes)}
    found = [sorted(piece, key=order.__getitem__) for piece in nx.connected_components(whole)]
    return sorted(found, key=lambda piece: (-len(piece), order[piece[0]]))


def _piece(nodes: list[str], edges: Sequence[tuple[str, str]], room: Mapping[str, tuple[float, float]]) -> Placed:
    """One connected piece, laid out."""
    index = {node: i for i, node in enumerate(nodes)}
    pairs = [(index[a], index[b]) for a, b in edges if a != b and a in index]
    pulls = _pulls(len(nodes), pairs)
    boxes = np.array([room[node] for node in nodes], dtype=np.float64)
    points = _ring(len(nodes)) if len(nodes) <= TINY else _spiral(len(nodes), pulls)
    if TINY < len(nodes) <= MOST_BY_FORCE:
        points = _by_force(points, pulls)
    points = _apart(_scaled(points, boxes, pairs), boxes)
    low, high = (points - boxes / 2).min(axis=0), (points + boxes / 2).max(axis=0)
    return nodes, points - low, high - low


def _packed(boxes: list[tuple[float, float]]) -> tuple[list[tuple[float, float]], tuple[float, float]]:
    """Boxes beside and below each other on a landscape page: their corners, and the size of the page.

    Each box goes into the first free space from the top that holds it, and splits the rest of that space in two.
    """
    gap = 24.0
    wide = max(max(w for w, _ in boxes), math.sqrt(sum((w + gap) * (h + gap) for w, h in boxes) * ASPECT * 1.15))
    free = [(0.0, 0.0, wide, math.inf)]
    corners = []
    for w, h in boxes:
        space = min((s for s in free if s[2] >= w - 1e-6 and s[3] >= h - 1e-6), key=lambda s: (s[1], s[0]))
        free.remove(space)
        left, top, width, height = space
        corners.append((left, top))
        free.append((left + w + gap, top, width - w - gap, h))
        free.append((left, top + h + gap, width, height - h - gap))
    right = max(left + w for (left, _), (w, _) in zip(corners, boxes, strict=True))
    bottom = max(top + h for (_, top), (_, h) in zip(corners, boxes, strict=True))
    return corners, (right, bottom)


def _pulls(n: int, pairs: list[tuple[int, int]]) -> Points:
    pulls = np.zeros((n, n))
    for a, b in pairs:
        # Many edges between two need room, so they do not pull harder than one.
        pulls[a, b] = pulls[b, a] = 1
    return pulls


def _ring(n: int) -> Points:
    # The angle is tilted, so that two nodes lie beside each other and three do not stand on one's head.
    angles = np.arange(n) * 2 * math.pi / n + (math.pi if n == 2 else -math.pi / 2)
    return np.column_stack((np.cos(angles), np.sin(angles)))


def _spiral(n: int, pulls: Points) -> Points:
    """Well-connected nodes first on a sunflower's spiral: even, deterministic, and a good start for the forces."""
    order = np.lexsort((np.arange(n), -pulls.sum(axis=1)))
    places = np.empty((n, 2))
    angle = math.pi * (3 - math.sqrt(5))
    for rank, node in enumerate(order):
        radius = math.sqrt((rank + 0.5) / n)
        places[node] = (radius * math.cos(rank * angle), radius * math.sin(rank * angle))
    return places


def _by_force(points: Points, pulls: Points) -> Points:
    n = len(points)
    ideal = 1.6 / math.sqrt(n)
    rounds = ROUNDS if n <= 300 else 120
    heat = 0.12
    for turn in range(rounds):
        delta = points[:, None, :] - points[None, :, :]
        distance = np.sqrt((delta**2).sum(axis=2))
        np.clip(distance, 0.004, None, out=distance)
        push = ideal**2 / distance**2
        pull = pulls * distance / ideal
        force = (delta * (push - pull)[:, :, None]).sum(axis=1)
        # Pulled harder up and down than across, which fills a landscape page.
        force -= points * np.array([0.55, 0.9])
        size = np.sqrt((force**2).sum(axis=1))
        step = np.minimum(size, heat * (1 - turn / rounds) + 0.0015)
        points = points + force / np.maximum(size, 1e-9)[:, None] * step[:, None]
    return points


def _scaled(points: Points, boxes: Points, pairs: list[tuple[int, int]]) -> Points:
    """On a landscape canvas that grows with the nodes and their labels, and with edges long enough to be told apart."""
    n = len(points)
    spread = points.max(axis=0) - points.min(axis=0)
    middle = (points.max(axis=0) + points.min(axis=0)) / 2
    if n <= TINY:
        small: Points = (points - middle) / max(float(spread.max()), 1e-6) * EDGE * 1.4
        return small
    spread[spread < 1e-6] = 1.0
    width = math.sqrt(float((boxes[:, 0] * boxes[:, 1]).sum()) * 3.2 * ASPECT)
    scaled = (points - middle) / spread * np.array([width, width / ASPECT])
    ends = np.array(pairs)
    length = float(np.median(np.sqrt(((scaled[ends[:, 0]] - scaled[ends[:, 1]]) ** 2).sum(axis=1))))
    stretched: Points = scaled * max(1.0, EDGE / max(length, 1e-6))
    return stretched


def _apart(points: Points, boxes: Points, rounds: int = 200) -> Points:
    """Push nodes whose boxes overlap apart, along the way on which they overlap least."""
    points = points.copy()
    n = len(points)
    if n > MOST_BY_FORCE:
        return points * 1.6
    need = (boxes[:, None, :] + boxes[None, :, :]) / 2
    for _ in range(rounds):
        delta = points[:, None, :] - points[None, :, :]
        # Of two in exactly one place, the later one goes right and down.
        sign = np.where(delta != 0, np.sign(delta), np.sign(np.arange(n)[:, None] - np.arange(n)[None, :])[:, :, None])
        over = need - np.abs(delta)
        clash = (over > 0).all(axis=2)
        np.fill_diagonal(clash, False)
        if not clash.any():
            break
        along_x = over[:, :, 0] * 0.6 <= over[:, :, 1]
        shift_x = np.where(clash & along_x, sign[:, :, 0] * over[:, :, 0], 0.0)
        shift_y = np.where(clash & ~along_x, sign[:, :, 1] * over[:, :, 1], 0.0)
        points += np.column_stack((shift_x.sum(axis=1), shift_y.sum(axis=1))) * 0.3
    return points
