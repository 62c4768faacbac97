"""A piece of the graph and its claims in, one SVG picture out, with the quotes as tooltips.

Kinds differ by shape and line style as well as by colour, so that the picture holds without colour. It shows who says
what of whom; nothing in it says that what is said is so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from app.pictures.curves import Curve, Point, arrowhead, between, trimmed
from app.pictures.layout import Layout, Layouter, lay_out
from app.pictures.letters import lines, width
from app.pictures.view import DISCLAIMER, ClaimView, EdgeView, NodeView, SubgraphView, legal
from app.vocabulary.terms import EdgeKind, Modality, NodeKind

FONT = "DejaVu Sans, Verdana, sans-serif"
LABEL_SIZE = 12.0
LINE_HEIGHT = 15.0
LABEL_WIDTH = 128.0
HEAD_HEIGHT = 66.0
LEAST_WIDTH = 760.0
QUOTES_SHOWN = 6
INK, PAPER, QUIET = "#1b1f24", "#ffffff", "#5b6570"


@dataclass(frozen=True, slots=True)
class Stroke:
    """How edges of a kind are drawn; `dash` is in multiples of the line's width."""

    colour: str
    dash: tuple[float, ...] = ()


# Red, blue and orange of these depths stay apart in the common colour-blindnesses, and the dashes do without them.
STROKES: Mapping[EdgeKind, Stroke] = {
    EdgeKind.ACCUSES: Stroke("#b3261e"),
    EdgeKind.DENIES: Stroke("#1f5fa8", (4.5, 2.6)),
    EdgeKind.RETALIATES: Stroke("#c46a00", (0.1, 2.4)),
    EdgeKind.ABOUT: Stroke("#8a929b", (2.0, 3.0)),
    EdgeKind.LOCATED_IN: Stroke("#6b8f7d"),
    EdgeKind.PART_OF: Stroke("#8a929b"),
}
FILLS: Mapping[NodeKind, tuple[str, str]] = {
    NodeKind.ACTOR: ("#27496d", "#16304b"),
    NodeKind.INCIDENT: ("#f0c24b", "#8a6508"),
    NodeKind.PLACE: ("#8fc0a9", "#3f6b57"),
}
RADII: Mapping[NodeKind, float] = {NodeKind.ACTOR: 15.0, NodeKind.INCIDENT: 15.0, NodeKind.PLACE: 12.0}
NOT_DONE = (Modality.THREATENED, Modality.CALLED_FOR)


Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A node in place: its middle, its radius, its label's lines and whether they stand above it."""

    node: NodeView
    middle: Point
    radius: float
    label: list[str]
    above: bool

    @property
    def label_box(self) -> Box:
        half = max(width(line, LABEL_SIZE) for line in self.label) / 2
        tall = len(self.label) * LINE_HEIGHT
        top = self.middle[1] + (-self.radius - 4 - tall if self.above else self.radius + 3)
        return self.middle[0] - half, top, self.middle[0] + half, top + tall

    def covers(self, point: Point, gap: float) -> bool:
        """True where the node or its label would hide what is drawn at the point."""
        left, top, right, bottom = self.label_box
        x, y = point
        return math.dist(point, self.middle) < self.radius + gap or (left - 2 < x < right + 2 and top < y < bottom)


@dataclass(frozen=True, slots=True)
class _Line:
    """Edges of one kind from one node to another, drawn as one: they differ only in the incident they are about."""

    kind: EdgeKind
    source: str
    target: str
    done: bool
    edges: list[EdgeView]

    @property
    def evidence_count(self) -> int:
        return sum(edge.evidence_count for edge in self.edges)


def to_svg(
    piece: SubgraphView,
    claims: Iterable[ClaimView] = (),
    *,
    title: str = "Who accuses whom",
    layouter: Layouter = lay_out,
) -> str:
    """Draw it. `claims` are the rows behind the edges, for the tooltips; `layouter` decides where nodes lie."""
    rows = {claim.id: claim for claim in claims}
    placed, size = _place(piece, layouter)
    shift = max(0.0, (LEAST_WIDTH - size.width) / 2)
    across = max(size.width, LEAST_WIDTH)
    legend, legend_height = _legend(piece, across)
    height = HEAD_HEIGHT + size.height + legend_height + 34
    drawn_edges = [part for group in _groups(piece.edges) for part in _edges(group, placed, rows)]
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across:.0f} {height:.0f}" width="{across:.0f}" '
        f'height="{height:.0f}" font-family={quoteattr(FONT)} role="img">',
        f"<title>{_text(title)}</title>",
        f"<desc>{_text(DISCLAIMER)}</desc>",
        f'<rect width="100%" height="100%" fill="{PAPER}"/>',
        *_head(piece, title, across),
        f'<g transform="translate({shift:.1f} {HEAD_HEIGHT:.0f})">',
        *(lines_ for lines_, _ in drawn_edges),
        *(_node(one) for one in placed.values()),
        *(pill for _, pill in drawn_edges if pill),
        "</g>",
        f'<g transform="translate(0 {HEAD_HEIGHT + size.height:.0f})">{legend}</g>',
        f'<text x="24" y="{height - 16:.0f}" font-size="12" fill="{QUIET}">{_text(DISCLAIMER)}</text>',
        "</svg>",
    ]
    return "\n".join(body) + "\n"


def _text(text: str) -> str:
    return escape(legal(text))


def _head(piece: SubgraphView, title: str, across: float) -> list[str]:
    shown = f"{_some(len(piece.nodes), 'node')}, {_some(len(piece.edges), 'edge')}"
    if piece.total_edges > len(piece.edges) or piece.left_out.at_least:
        at_least = "at least " if piece.left_out.at_least else ""
        shown += f" of {at_least}{piece.total_edges}, those with most evidence"
    (line,) = lines(title, 20, across - 48, 1)
    return [
        f'<text x="24" y="32" font-size="20" font-weight="bold" fill="{INK}">{_text(line)}</text>',
        f'<text x="24" y="53" font-size="12" fill="{QUIET}">{shown} · ledger revision {piece.revision}</text>',
    ]


def _some(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _place(piece: SubgraphView, layouter: Layouter) -> tuple[dict[str, _Placed], Layout]:
    labels = {node.id: lines(legal(node.label) or node.id, LABEL_SIZE, LABEL_WIDTH, 3) for node in piece.nodes}
    radii = {node.id: RADII[node.kind] for node in piece.nodes}
    room = {
        node.id: (
            max(*(width(line, LABEL_SIZE) for line in labels[node.id]), 2 * radii[node.id]) + 22,
            2 * radii[node.id] + len(labels[node.id]) * LINE_HEIGHT + 26,
        )
        for node in piece.nodes
    }
    ends = [(edge.source, edge.target) for edge in piece.edges]
    size = layouter([node.id for node in piece.nodes], ends, room, margin=34)
    placed = {}
    for node in piece.nodes:
        x, y = size.points[node.id]
        others = [b if a == node.id else a for a, b in ends if node.id in (a, b)]
        # The label stands on the side from which fewer edges come; of node and label together the middle is (x, y).
        above = sum(size.points[one][1] > y for one in others) > sum(size.points[one][1] < y for one in others)
        shift = len(labels[node.id]) * LINE_HEIGHT / 2
        placed[node.id] = _Placed(node, (x, y + shift if above else y - shift), radii[node.id], labels[node.id], above)
    return placed, size


# ---- nodes ----


def _node(one: _Placed) -> str:
    x, y = one.middle
    top = one.label_box[1]
    label = "".join(
        f'<text x="{x:.1f}" y="{top + (i + 0.78) * LINE_HEIGHT:.1f}" text-anchor="middle" font-size="{LABEL_SIZE:g}" '
        f'fill="{INK}" stroke="{PAPER}" stroke-width="3.5" stroke-linejoin="round" paint-order="stroke">'
        f"{_text(line)}</text>"
        for i, line in enumerate(one.label)
    )
    return f"<g><title>{_text(_about(one.node))}</title>{_shape(one.node.kind, x, y, one.radius)}{label}</g>"


def _about(node: NodeView) -> str:
    known = [node.actor_kind.replace("_", " ") if node.actor_kind else node.kind, node.type, node.date, node.country]
    return f"{node.label} ({', '.join(str(part) for part in known if part)})"


def _shape(kind: NodeKind, x: float, y: float, radius: float) -> str:
    fill, edge = FILLS[kind]
    look = f'fill="{fill}" stroke="{edge}" stroke-width="1.6"'
    if kind is NodeKind.INCIDENT:
        r = radius * 1.12
        points = f"{x:.1f},{y - r:.1f} {x + r:.1f},{y:.1f} {x:.1f},{y + r:.1f} {x - r:.1f},{y:.1f}"
        return f'<polygon points="{points}" {look}/>'
    if kind is NodeKind.PLACE:
        side = radius * 2
        return f'<rect x="{x - radius:.1f}" y="{y - radius:.1f}" width="{side:g}" height="{side:g}" rx="3.5" {look}/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" {look}/>'


# ---- edges ----


def _groups(edges: Sequence[EdgeView]) -> list[list[_Line]]:
    """Lines between the same two nodes, whichever way they run."""
    merged: dict[tuple[str, str, EdgeKind, bool], list[EdgeView]] = {}
    for edge in edges:
        merged.setdefault((edge.source, edge.target, edge.kind, edge.modality not in NOT_DONE), []).append(edge)
    found: dict[tuple[str, str], list[_Line]] = {}
    for (source, target, kind, done), same in merged.items():
        low, high = sorted((source, target))
        found.setdefault((low, high), []).append(_Line(kind, source, target, done, same))
    # Kinds side by side, in the order of the legend.
    order = list(EdgeKind)
    return [sorted(group, key=lambda one: (order.index(one.kind), one.source, one.done)) for group in found.values()]


def _edges(group: list[_Line], placed: Mapping[str, _Placed], rows: Mapping[str, ClaimView]) -> list[tuple[str, str]]:
    """Each line of a group, and, where it stands for more than one claim, the pill with their number."""
    first, second = sorted((group[0].source, group[0].target))
    a, b = placed[first], placed[second]
    if first == second:
        return [_drawn(line, _loop(a, i), placed, rows) for i, line in enumerate(group)]
    gap = min(26.0, max(12.0, 110.0 / len(group)))
    base = _detour(a.middle, b.middle, [one for name, one in placed.items() if name not in (first, second)])
    found = []
    for i, line in enumerate(group):
        offset = base + (i - (len(group) - 1) / 2) * gap
        # One and the same side for both directions: left of the way from first to second.
        forward = line.source == first
        curve = between(a.middle, b.middle, offset) if forward else between(b.middle, a.middle, -offset)
        found.append(_drawn(line, curve, placed, rows))
    return found


def _detour(start: Point, end: Point, others: Sequence[_Placed]) -> float:
    """The smallest bend by which a line passes no third node, or few, and rather no label."""
    length = math.dist(start, end)
    reach = 0.25 * length + LABEL_WIDTH
    # Only what lies around the straight line can be in the way of a bend.
    near = [
        one
        for one in others
        if min(start[0], end[0]) - reach < one.middle[0] < max(start[0], end[0]) + reach
        and min(start[1], end[1]) - reach < one.middle[1] < max(start[1], end[1]) + reach
    ]

    def cost(offset: float) -> float:
        on_the_way = list(between(start, end, offset).points())[2:-2]
        bad = abs(offset) / 30
        for one in near:
            if min(math.dist(point, one.middle) for point in on_the_way) < one.radius + 9:
                bad += 10
            left, top, right, bottom = one.label_box
            if any(left < x < right and top < y < bottom for x, y in on_the_way):
                bad += 2.2
        return bad

    tries = [0.0, *(sign * share * length for share in (0.08, 0.16, 0.25) for sign in (1, -1))]
    return min(tries, key=cost)


def _loop(one: _Placed, turn: int) -> Curve:
    x, y = one.middle
    reach = one.radius * 2.6 + turn * 14
    return Curve((x - one.radius * 0.7, y), (x, y - reach * 2), (x + one.radius * 0.7, y))


def _drawn(line: _Line, curve: Curve, placed: Mapping[str, _Placed], rows: Mapping[str, ClaimView]) -> tuple[str, str]:
    start, end = placed[line.source], placed[line.target]
    claimed = line.kind in (EdgeKind.ACCUSES, EdgeKind.DENIES, EdgeKind.RETALIATES)
    thick = 1.7 + min(2.6, 0.75 * math.log2(max(1, line.evidence_count))) if claimed else 1.1
    head = 8.0 + thick * 1.5
    shown = trimmed(curve, lambda p: start.covers(p, 3), lambda p: end.covers(p, 4))
    tip = arrowhead(shown, head)
    # The line ends inside the head, so that a thick one does not stick out of its tip.
    shaft = trimmed(shown, lambda _: False, lambda p: math.dist(p, shown.end) < head * 0.75)
    path = (
        f'<path d="M{_at(shaft.start)} Q{_at(shaft.bend)} {_at(shaft.end)}" {_stroked(line.kind, thick)} '
        f'opacity="{0.92 if claimed else 0.75}"/>'
    )
    words = _text(_tooltip(line, placed, rows))
    drawn = f'<g class="edge {line.kind}"><title>{words}</title>{path}{_head_of(line, tip)}</g>'
    if not claimed or line.evidence_count < 2:
        return drawn, ""
    return drawn, _pill(shown.at(0.5), str(line.evidence_count), STROKES[line.kind].colour)


def _stroked(kind: EdgeKind, thick: float) -> str:
    stroke = STROKES[kind]
    dash = " ".join(f"{part * max(thick, 1.8):.1f}" for part in stroke.dash)
    look = f'fill="none" stroke="{stroke.colour}" stroke-width="{thick:.1f}"'
    if dash:
        cap = "round" if kind is EdgeKind.RETALIATES else "butt"
        look += f' stroke-dasharray="{dash}" stroke-linecap="{cap}"'
    return look


def _head_of(line: _Line, tip: tuple[Point, Point, Point]) -> str:
    colour = STROKES[line.kind].colour
    fill = colour if line.done else PAPER
    points = " ".join(_at(point) for point in tip)
    return f'<polygon points="{points}" fill="{fill}" stroke="{colour}" stroke-width="1.2" stroke-linejoin="round"/>'


def _pill(at: Point, number: str, colour: str) -> str:
    x, y = at
    wide = width(number, 10) + 8
    return (
        f'<g pointer-events="none"><rect x="{x - wide / 2:.1f}" y="{y - 7.5:.1f}" width="{wide:.1f}" height="15" '
        f'rx="7.5" fill="{PAPER}" stroke="{colour}" stroke-width="1.1"/>'
        f'<text x="{x:.1f}" y="{y + 3.7:.1f}" text-anchor="middle" font-size="10" fill="{colour}">{number}</text></g>'
    )


def _tooltip(line: _Line, placed: Mapping[str, _Placed], rows: Mapping[str, ClaimView]) -> str:
    said = f"{placed[line.source].node.label} {line.edges[0].phrase} {placed[line.target].node.label}"
    if not line.done:
        said += " (threatened or called for)"
    claims = [name for edge in line.edges for name in edge.claims]
    if claims:
        said += f": {_some(len(claims), 'claim')}"
    behind = [rows[name] for name in claims if name in rows][:QUOTES_SHOWN]
    quotes = [f"“{claim.evidence.quote}” ({_origin(claim)})" for claim in behind]
    if quotes and len(claims) > len(quotes):
        quotes.append(f"… and {len(claims) - len(quotes)} more")
    return "\n".join([said, *quotes])


def _origin(claim: ClaimView) -> str:
    return ", ".join(part for part in (claim.publisher, claim.date or claim.published) if part)


def _at(point: Point) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"


# ---- legend ----


def _legend(piece: SubgraphView, across: float) -> tuple[str, float]:
    present = {node.kind for node in piece.nodes}
    entries = [(_shape(kind, 17, 0, 8.5), str(kind)) for kind in NodeKind if kind in present]
    kinds = {edge.kind for edge in piece.edges}
    for kind in EdgeKind:
        if kind in kinds:
            line = f'<path d="M0,0 L27,0" {_stroked(kind, 2.2)}/>'
            tip = f'<polygon points="34,0 25,4 25,-4" fill="{STROKES[kind].colour}"/>'
            entries.append((line + tip, kind.phrase))
    if any(edge.modality in NOT_DONE for edge in piece.edges):
        colour = STROKES[EdgeKind.RETALIATES].colour
        tip = f'<polygon points="30,0 17,5.5 17,-5.5" fill="{PAPER}" stroke="{colour}" stroke-width="1.4"/>'
        entries.append((tip, "threatened or called for, not reported as done"))
    if any(line.evidence_count > 1 for group in _groups(piece.edges) for line in group):
        entries.append((_pill((17, 0), "3", QUIET), "number of claims"))
    x, y, parts = 24.0, 20.0, []
    for mark, words in entries:
        wide = 44 + width(words, 12) + 22
        if x + wide > across - 10 and x > 24:
            x, y = 24.0, y + 24
        parts.append(
            f'<g transform="translate({x:.0f} {y:.0f})">{mark}'
            f'<text x="44" y="4.2" font-size="12" fill="{INK}">{_text(words)}</text></g>'
        )
        x += wide
    rule = f'<path d="M24,0 L{across - 24:.0f},0" stroke="#d5d9de" stroke-width="1"/>'
    return rule + "".join(parts), y + 24
