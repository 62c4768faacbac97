"""Whether and when a host may be asked: its robots.txt, a gap between requests, and patience after errors.

By RFC 9309: what robots.txt forbids is not asked for; where it is not to be had because of the server (5xx, no answer),
nothing is asked for now; where it does not exist (4xx), everything may be. An answer is kept for a day.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit, urlunsplit

import msgspec

from app.intake.fetch import AGENT, Answer, PrivateAddress
from app.vocabulary.errors import BadInput
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    from protego import Protego

GAP_S = 2.0
"""Seconds between two requests to one host, unless its robots.txt asks for more."""
PATIENCE_S = 30.0
"""Seconds for which a host is waited for; what would take longer is put off."""
_DAY_S = 86_400.0
# RFC 9309 2.5: at least 500 kibibytes must be read, the rest may be left.
_MOST_ROBOTS = 512_000
# After an error a host is left alone for this long, then twice as long, and so on.
_FIRST_PAUSE_S = 300.0
_LONGEST_PAUSE_S = 6 * 3_600.0
# Longer than any server means it; a date beyond comes of a wrong clock, theirs or ours.
_LONGEST_RETRY_S = 7 * _DAY_S


class Clock(Protocol):
    """What time it is, and waiting."""

    def now(self) -> float:
        """Seconds since 1970."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; raises what ends the waiting early."""
        ...


class Host(msgspec.Struct):
    """What is remembered of a host.

    Attributes:
        until: It is not asked before (seconds since 1970).
        failures: Errors in a row.
        delay: Seconds between requests that its robots.txt asks for.
    """

    until: float = 0.0
    failures: int = 0
    delay: float = 0.0


class Kept(msgspec.Struct):
    """A robots.txt as it was answered: when, and its text; empty where there is none."""

    at: float
    text: str


class NotNow(BadInput):
    """It is not asked for now; it may be later."""

    def __init__(self, message: str) -> None:
        super().__init__(RefusalReason.UNREADABLE, message)


class Forbidden(BadInput):
    """Its robots.txt asks not to read it."""

    def __init__(self, message: str) -> None:
        super().__init__(RefusalReason.UNREADABLE, message)


Ask = Callable[[str], Answer]
"""Asks for a robots.txt, at once, redirects followed."""


class Manners:
    """How hosts are treated. One for all requests of a process; not to be shared between threads.

    Attributes:
        hosts: What is remembered of hosts, to be kept between runs.
        robots: Their robots.txt by origin, to be kept between runs.
    """

    def __init__(
        self,
        clock: Clock,
        ask: Ask,
        *,
        hosts: dict[str, Host] | None = None,
        robots: dict[str, Kept] | None = None,
        exempt: frozenset[str] = frozenset(),
        gap: float = GAP_S,
    ) -> None:
        """Know what earlier runs learnt.

        Args:
            clock: Tells the time and waits.
            ask: Fetches a robots.txt.
            hosts: What an earlier run remembered.
            robots: What an earlier run was answered.
            exempt: Hosts whose robots.txt is not asked for.
            gap: Seconds between two requests to one host.
        """
        self.hosts = hosts if hosts is not None else {}
        self.robots = robots if robots is not None else {}
        self._clock, self._ask, self._exempt, self._gap = clock, ask, exempt, gap
        self._rules: dict[str, Protego] = {}

    def before(self, url: str) -> None:
        """Wait until the URL may be asked for.

        Raises:
            Forbidden: It may not.
            NotNow: Its host is to be left alone for longer than one waits.
            PrivateAddress: It leads where it must not.
        """
        name = host_of(url)
        if name not in self._exempt:
            self._obey(url, name)
        self.wait(url)

    def wait(self, url: str) -> None:
        """Wait until its host may be asked again, and note that it is asked now; robots.txt is left aside.

        Raises:
            NotNow: That would take longer than one waits.
        """
        name = host_of(url)
        left = self.left(name)
        if left > PATIENCE_S:
            raise NotNow(f"{name} is left alone for {spoken(left)} more")
        if left > 0:
            self._clock.sleep(left)
        host = self._host(name)
        host.until = self._clock.now() + max(self._gap, host.delay)

    def left(self, name: str) -> float:
        """Seconds until the host of that name may be asked again."""
        host = self.hosts.get(name)
        if host is None:
            return 0.0
        left = host.until - self._clock.now()
        # A clock that was put back must not silence a host for years.
        return left if left <= _LONGEST_RETRY_S else 0.0

    def answered(self, url: str, answer: Answer) -> None:
        """Take note of what a host answered: errors, and how long it wants to be left alone."""
        name = host_of(url)
        if answer.status == 429 or answer.status >= 500:
            self.failed(url)
            retry = retry_after(answer.headers.get("retry-after", ""), self._clock.now())
            if retry is not None:
                self._host(name).until = self._clock.now() + max(retry, self._gap)
        else:
            self._host(name).failures = 0

    def failed(self, url: str) -> None:
        """Take note that a host did not answer as it should: it is left alone, each time for longer."""
        host = self._host(host_of(url))
        host.failures += 1
        host.until = max(host.until, self._clock.now() + pause(host.failures))

    def forget_the_past(self) -> None:
        """Drop what nothing depends on any more."""
        now = self._clock.now()
        self.hosts = {name: host for name, host in self.hosts.items() if host.until > now or host.failures}
        self.robots = {name: kept for name, kept in self.robots.items() if 0 <= now - kept.at < _DAY_S}

    def _host(self, name: str) -> Host:
        return self.hosts.setdefault(name, Host())

    def _obey(self, url: str, name: str) -> None:
        rules = self._rules_of(url)
        self._host(name).delay = _delay(rules)
        if not rules.can_fetch(url, AGENT):
            raise Forbidden(f"the robots.txt of {name} asks not to read it")

    def _rules_of(self, url: str) -> Protego:
        from protego import Protego

        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
        kept = self.robots.get(origin)
        if kept is None or not 0 <= self._clock.now() - kept.at < _DAY_S:
            kept = self.robots[origin] = Kept(self._clock.now(), self._robots_txt(url))
            self._rules.pop(origin, None)
        if origin not in self._rules:
            self._rules[origin] = Protego.parse(kept.text)
        return self._rules[origin]

    def _robots_txt(self, url: str) -> str:
        parts = urlsplit(url)
        left = self.left(host_of(url))
        if left > PATIENCE_S:
            raise NotNow(f"{host_of(url)} is left alone for {spoken(left)} more")
        try:
            answer = self._ask(urlunsplit((parts.scheme, parts.netloc, "/robots.txt", "", "")))
        except (NotNow, PrivateAddress):
            raise
        except BadInput as why:
            self.failed(url)
            raise NotNow(
                f"the robots.txt of {host_of(url)} cannot be had, so it is left alone for now: {why}"
            ) from None
        self.answered(url, answer)
        if answer.status == 429 or answer.status >= 500:
            message = f"the robots.txt of {host_of(url)} is answered {answer.status}, so it is left alone for now"
            raise NotNow(message)
        return answer.raw[:_MOST_ROBOTS].decode("utf-8", "replace") if answer.status == 200 else ""


def host_of(url: str) -> str:
    """The host of a URL, by which requests are counted; empty where it has none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def pause(failures: int) -> float:
    """Seconds to leave something alone after so many errors in a row: doubled each time, and never for all alike."""
    longest = min(_FIRST_PAUSE_S * 2.0 ** min(max(failures, 1) - 1, 30), _LONGEST_PAUSE_S)
    return longest * random.uniform(0.75, 1.25)  # noqa: S311 (no secret)


def retry_after(value: str, now: float) -> float | None:
    """Seconds that a Retry-After header asks for, given as a number or a date; None where it says neither."""
    value = value.strip()
    if value.isdecimal():
        return min(float(value[:12]), _LONGEST_RETRY_S)
    try:
        return min(max(parsedate_to_datetime(value).timestamp() - now, 0.0), _LONGEST_RETRY_S)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def spoken(seconds: float) -> str:
    """A span of time in words: "40 seconds", "12 minutes", "3 hours"."""
    for size, unit in ((3_600, "hour"), (60, "minute")):
        if seconds >= 1.5 * size:
            return f"{round(seconds / size)} {unit}s"
    count = max(round(seconds), 1)
    return f"{count} second{'s' * (count != 1)}"


def _delay(rules: Protego) -> float:
    wanted: float | None = rules.crawl_delay(AGENT)
    rate = rules.request_rate(AGENT)
    by_rate: float = rate.seconds / rate.requests if rate is not None and rate.requests else 0.0
    longest: float = max(wanted or 0.0, by_rate, 0.0)
    return min(longest, _DAY_S)
