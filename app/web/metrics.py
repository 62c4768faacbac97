"""Requests and counts in, Prometheus text (format 0.0.4) out. Labels are route templates, never what was asked."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counts of one application since it was started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}

    def saw(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        with self._lock:
            self._requests[method, route, status] += 1
            buckets = self._buckets.setdefault(route, [0] * (len(BOUNDS) + 1))
            buckets[bisect_left(BOUNDS, seconds)] += 1
            self._seconds[route] = self._seconds.get(route, 0.0) + seconds

    def text(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        """All of it; `gauges` (name → help, value) are added as they are now."""
        with self._lock:
            return "\n".join(self._lines(gauges)) + "\n"

    def _lines(self, gauges: Mapping[str, tuple[str, float]]) -> Iterator[str]:
        for name, (words, value) in gauges.items():
            yield f"# HELP polemos_{name} {words}"
            yield f"# TYPE polemos_{name} gauge"
            yield f"polemos_{name} {value:g}"
        yield "# HELP polemos_http_requests_total Requests answered."
        yield "# TYPE polemos_http_requests_total counter"
        for (method, route, status), count in sorted(self._requests.items()):
            labels = f'method="{_label(method)}",route="{_label(route)}",status="{status}"'
            yield f"polemos_http_requests_total{{{labels}}} {count}"
        yield "# HELP polemos_http_request_seconds Seconds from a request's head to the end of its answer."
        yield "# TYPE polemos_http_request_seconds histogram"
        for route, buckets in sorted(self._buckets.items()):
            name, total = _label(route), 0
            for bound, count in zip((*BOUNDS, None), buckets, strict=True):
                total += count
                edge = "+Inf" if bound is None else f"{bound:g}"
                yield f'polemos_http_request_seconds_bucket{{route="{name}",le="{edge}"}} {total}'
            yield f'polemos_http_request_seconds_sum{{route="{name}"}} {self._seconds[route]:.6f}'
            yield f'polemos_http_request_seconds_count{{route="{name}"}} {total}'


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
