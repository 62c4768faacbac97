"""Requests and counts in, Prometheus text (format 0.0.4) out. Labels are route templates, never what was asked."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping

from app.extraction.llm_endpoint import Spending

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_COUNTERS = {
    "ingested_articles": ("outcome", "Articles handed in: added, known already, or refused."),
    "ingested_claims": (None, "Claims that articles handed in make."),
    "refusals": ("reason", "Inputs that became no article, and passages that were read and left out, by reason."),
    "decisions": ("ruling", "Decisions taken over HTTP."),
}
_MODEL_COUNTERS = {
    "llm_passages": ("answered_by", "Passages put to the language model: answered by its server, or from the cache."),
    "llm_requests": ("outcome", "Requests to its server: answered, or failed and sent again or given up."),
    "llm_unusable_answers": (None, "Its answers that could not be used."),
    "llm_tokens": ("of", "Tokens, as its server counts them: of questions and of answers."),
    "llm_untold_answers": (None, "Answers of which its server told no tokens."),
    "llm_cost": (None, "What it cost, by POLEMOS_LLM_PRICE_IN and POLEMOS_LLM_PRICE_OUT, as far as tokens are told."),
}
"""What a service tells that reads with a language model."""
_TIMES = {
    "ingest": "Seconds in which the articles of one request were read and stored.",
    "fold": "Seconds in which the graph was brought to a newer revision.",
}


class _Histogram:
    """How many took how long."""

    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    def lines(self, name: str, labels: str = "") -> Iterator[str]:
        total, sep = 0, "," if labels else ""
        for bound, count in zip((*BOUNDS, None), self.buckets, strict=True):
            total += count
            edge = "+Inf" if bound is None else f"{bound:g}"
            yield f'{name}_bucket{{{labels}{sep}le="{edge}"}} {total}'
        shown = f"{{{labels}}}" if labels else ""
        yield f"{name}_sum{shown} {self.seconds:.6f}"
        yield f"{name}_count{shown} {total}"


class Metrics:
    """Counts of one application since it was started."""

    def __init__(self, *, asks_a_model: bool = False) -> None:
        """Start at zero; what a language model takes is told where one is asked."""
        self._lock = threading.Lock()
        self._started = time.time()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._routes: dict[str, _Histogram] = {}
        self._times = {name: _Histogram() for name in _TIMES}
        self._counters = _COUNTERS | (_MODEL_COUNTERS if asks_a_model else {})
        self._counts: dict[str, Counter[str]] = {name: Counter() for name in self._counters}
        self._cost = 0.0

    def saw(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        with self._lock:
            self._requests[method, route, status] += 1
            histogram = self._routes.get(route)
            if histogram is None:
                histogram = self._routes[route] = _Histogram()
            histogram.add(seconds)

    def took(self, what: str, seconds: float) -> None:
        """Note how long an `ingest` or a `fold` took."""
        with self._lock:
            self._times[what].add(seconds)

    def count(self, name: str, label: str = "", by: int = 1) -> None:
        """Count something; `label` is the value of the counter's one label, a term and never what somebody wrote."""
        with self._lock:
            self._counts[name][label] += by

    def asked_a_model(self, spent: Spending) -> None:
        """Count what reading some articles took of a language model."""
        told = {
            ("llm_passages", "cache"): spent.cached,
            ("llm_passages", "server"): spent.passages - spent.cached,
            ("llm_requests", "answered"): spent.requests - spent.failed,
            ("llm_requests", "failed"): spent.failed,
            ("llm_unusable_answers", ""): spent.unusable,
            ("llm_tokens", "questions"): spent.tokens_in,
            ("llm_tokens", "answers"): spent.tokens_out,
            ("llm_untold_answers", ""): spent.untold,
        }
        with self._lock:
            for (name, label), by in told.items():
                self._counts[name][label] += by
            self._cost += spent.cost or 0.0

    def text(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        """All of it; `gauges` (name → help, value) are added as they are now."""
        with self._lock:
            return "\n".join(self._lines(gauges)) + "\n"

    def _lines(self, gauges: Mapping[str, tuple[str, float]]) -> Iterator[str]:
        started = ("When the service was started, in seconds since 1970.", self._started)
        for name, (words, now) in {**gauges, "start_time_seconds": started}.items():
            yield from _head(f"polemos_{name}", "gauge", words)
            yield f"polemos_{name} {_number(now)}"
        for name, (label, words) in self._counters.items():
            yield from _head(f"polemos_{name}_total", "counter", words)
            if label is None:
                # Money comes in parts, all else one by one.
                count = round(self._cost, 6) if name == "llm_cost" else self._counts[name].total()
                yield f"polemos_{name}_total {_number(count)}"
            for value, count in sorted(self._counts[name].items()) if label is not None else ():
                yield f'polemos_{name}_total{{{label}="{_label(value)}"}} {count}'
        for name, words in _TIMES.items():
            yield from _head(f"polemos_{name}_seconds", "histogram", words)
            yield from self._times[name].lines(f"polemos_{name}_seconds")
        yield from _head("polemos_http_requests_total", "counter", "Requests answered.")
        for (method, route, status), count in sorted(self._requests.items()):
            labels = f'method="{_label(method)}",route="{_label(route)}",status="{status}"'
            yield f"polemos_http_requests_total{{{labels}}} {count}"
        name = "polemos_http_request_seconds"
        yield from _head(name, "histogram", "Seconds from a request's head to the end of its answer.")
        for route, histogram in sorted(self._routes.items()):
            yield from histogram.lines(name, f'route="{_label(route)}"')


def _head(name: str, kind: str, words: str) -> Iterator[str]:
    yield f"# HELP {name} {words}"
    yield f"# TYPE {name} {kind}"


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
