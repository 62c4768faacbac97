"""Two points and a bend in, the visible part of an edge with its arrowhead out; pure geometry."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """A quadratic Bézier curve."""

    start: Point
    bend: Point
    end: Point

    def at(self, t: float) -> Point:
        """The point at 0 <= t <= 1."""
        u = 1 - t
        a, b, c = u * u, 2 * u * t, t * t
        return (
            a * self.start[0] + b * self.bend[0] + c * self.end[0],
            a * self.start[1] + b * self.bend[1] + c * self.end[1],
        )

    def points(self, count: int = 24) -> Iterator[Point]:
        """Points along it, ends included."""
        return (self.at(i / (count - 1)) for i in range(count))

    def cut(self, from_: float, to: float) -> Curve:
        """The piece between two parameters."""
        start, end = self.at(from_), self.at(to)
        # The bend of a piece is where its end tangents meet (blossom of the curve at both parameters).
        bend = tuple(
            (1 - from_) * (1 - to) * a + (from_ * (1 - to) + to * (1 - from_)) * b + from_ * to * c
            for a, b, c in zip(self.start, self.bend, self.end, strict=True)
        )
        return Curve(start, (bend[0], bend[1]), end)


def between(start: Point, end: Point, offset: float) -> Curve:
    """A curve whose middle lies `offset` to the left of the straight line, as seen on the way (y down)."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy) or 1.0
    # The curve passes half as far out as its bend.
    bend = ((start[0] + end[0]) / 2 + dy / length * 2 * offset, (start[1] + end[1]) / 2 - dx / length * 2 * offset)
    return Curve(start, bend, end)


def trimmed(curve: Curve, before: Callable[[Point], bool], after: Callable[[Point], bool]) -> Curve:
    """The piece around the middle up to the first point for which `before` holds backwards, or `after` forwards."""
    steps = 120
    first = last = steps // 2
    while first > 0 and not before(curve.at(first / steps)):
        first -= 1
    while last < steps and not after(curve.at(last / steps)):
        last += 1
    # Where the two ends lie close together, a stub still shows that there is something.
    return curve.cut(min(first, steps // 2 - 6) / steps, max(last, steps // 2 + 6) / steps)


def arrowhead(curve: Curve, size: float) -> tuple[Point, Point, Point]:
    """Tip and both barbs at the end of a curve."""
    tip, back = curve.end, curve.bend
    if math.dist(tip, back) < 1e-6:
        back = curve.start
    angle = math.atan2(tip[1] - back[1], tip[0] - back[0])
    barbs = [(tip[0] - size * math.cos(angle + turn), tip[1] - size * math.sin(angle + turn)) for turn in (0.42, -0.42)]
    return tip, barbs[0], barbs[1]
