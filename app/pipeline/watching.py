"""Feeds in, round by round; what is new in them goes out to be stored. It keeps to what servers ask of a polite reader.

A round asks each feed once, whether it has changed; then it fetches the pages of new entries, one request at a time and
with a gap between two to one host; then they are stored, in batches. Only after that are they noted as seen, so that a
run that dies loses no entry: it fetches it again, and the ledger knows whether it holds it.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from app.intake import Item, Limits, read_bytes
from app.intake.feeds import Entry, article_of, read_feed
from app.intake.fetch import Answer, PrivateAddress, ask, leads_home, shown
from app.intake.formats import by_content_type
from app.intake.robots import GAP_S, PATIENCE_S, Clock, Forbidden, Host, Kept, Manners, NotNow, host_of, pause, spoken
from app.pipeline.ingest import BATCH, IngestReport
from app.vocabulary.errors import BadInput, BadQuery
from app.vocabulary.records import Article, Refusal
from app.vocabulary.terms import RefusalReason

TRIES = 5
"""Times that a page is asked for before it is given up."""
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"
)
# An entry that a feed has not named for so long is forgotten; should it come back, the ledger knows it.
_SEEN_FOR = timedelta(days=90)
_FORMAT = 1

Store = Callable[[list[Item]], IngestReport]
"""Takes articles and refusals into the ledger, in one transaction or several."""
Progress = Callable[[int, int, str], None]
"""Told, while a round lasts, how much of how much is done, and what is next."""


class Waiting(msgspec.Struct):
    """An entry whose article is not stored yet: what the feed says of it, and how often its page was asked for."""

    url: str | None
    title: str
    published: str | None
    publisher: str | None
    text: str | None
    tries: int = 0


class FeedState(msgspec.Struct):
    """What is remembered of a feed.

    Attributes:
        address: Where it is now, where it has moved.
        etag: Sent back to its server, which then says whether anything changed.
        modified: The same, by date.
        gone: Its server has said that it is gone for good.
        failures: Errors in a row.
        until: It is not asked before (seconds since 1970).
        seen: Entries that are done with, and the day on which the feed last named them.
        waiting: Entries that are not.
    """

    address: str
    etag: str | None = None
    modified: str | None = None
    gone: bool = False
    failures: int = 0
    until: float = 0.0
    seen: dict[str, str] = {}
    waiting: dict[str, Waiting] = {}


class WatchState(msgspec.Struct):
    """What is kept from one run to the next."""

    format: int = _FORMAT
    feeds: dict[str, FeedState] = {}
    hosts: dict[str, Host] = {}
    robots: dict[str, Kept] = {}


def load_state(path: Path) -> tuple[WatchState, str | None]:
    """What earlier runs left in the file, or nothing; and why, where it cannot be read.

    Raises:
        BadQuery: A newer version wrote it.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return WatchState(), None
    except OSError as why:
        return WatchState(), f"{path} cannot be read ({why.strerror}); starting without it"
    try:
        found = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        written = msgspec.json.decode(found.get("format", msgspec.Raw(b"0")), type=int)
        if written > _FORMAT:
            raise BadQuery(f"{path} was written by a newer version; name another file (--state)")
        return msgspec.json.decode(raw, type=WatchState), None
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as why:
        return WatchState(), f"{path} is damaged ({why}); starting without it: the ledger knows what it holds"


def save_state(state: WatchState, path: Path) -> None:
    """Write the file, whole or not at all.

    Raises:
        OSError: It cannot be written.
    """
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(state), indent=1))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


@dataclass(slots=True)
class RoundReport:
    """What a round did.

    Attributes:
        feeds: Feeds that answered.
        unchanged: Of them, those that said that nothing has changed.
        put_off: Feeds that were not asked, or did not answer as they should.
        entries: Entries that are new.
        from_feed: Articles taken from the feed itself, for their page could not be had.
        waiting: Entries whose page will be asked for in a later round.
        added: Articles that are new to the ledger.
        already_known: Articles that it held.
        claims: Claims in what was added.
        revision: The ledger's revision afterwards.
        refused: Inputs that became no article.
        refusals: What readings left out, by reason.
        articles: Ids of the articles, those already known included.
        notes: What a person should know: a feed that moved or is gone, a server that wants to be left alone.
        stopped: Whether it was broken off.
    """

    feeds: int = 0
    unchanged: int = 0
    put_off: int = 0
    entries: int = 0
    from_feed: int = 0
    waiting: int = 0
    added: int = 0
    already_known: int = 0
    claims: int = 0
    revision: int | None = None
    refused: list[Refusal] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    articles: list[str] = field(default_factory=list)
    stopped: bool = False

    def as_dict(self) -> dict[str, object]:
        """The report as plain values."""
        refused = [{"reason": str(one.reason), "detail": one.detail} for one in self.refused]
        names = [one.name for one in fields(self)]
        return {name: getattr(self, name) for name in names} | {
            "refused": refused,
            "refusals": dict(sorted(self.refusals.items())),
        }


class Stopped(Exception):
    """Waiting was ended from outside; raised by a clock."""


class Watcher:
    """Watches feeds. Not to be shared between threads."""

    def __init__(
        self,
        feeds: Iterable[str],
        *,
        state: WatchState,
        clock: Clock,
        save: Callable[[WatchState], None],
        limits: Limits | None = None,
        no_robots_for: Iterable[str] = (),
        gap: float = GAP_S,
        progress: Progress | None = None,
    ) -> None:
        """Be ready to watch.

        Args:
            feeds: Addresses of feeds.
            state: What earlier runs remembered; it is changed as rounds go on.
            clock: Tells the time and waits.
            save: Keeps the state.
            limits: Bounds on what is fetched. Where they allow private addresses, they do so for feeds that lie at one,
                and their pages; a public feed leads nowhere private.
            no_robots_for: Hosts whose robots.txt is not asked for.
            gap: Seconds between two requests to one host.
            progress: Told how a round goes on.

        Raises:
            BadQuery: One is no address of a feed.
        """
        self._urls = list(dict.fromkeys(feeds))
        for url in self._urls:
            if not url.lower().startswith(("http://", "https://")) or not host_of(url):
                raise BadQuery(f"{shown(url)[:200]!r} is no address of a feed: it begins with https:// or http://")
        self._state, self._clock, self._save = state, clock, save
        self._limits = limits or Limits()
        self._progress = progress or (lambda _done, _of, _next: None)
        self._manners = Manners(
            clock,
            self._ask_for_robots,
            hosts=state.hosts,
            robots=state.robots,
            exempt=frozenset(host.lower() for host in no_robots_for),
            gap=gap,
        )
        self._at_hand = self._limits
        self._report = RoundReport()

    def round(self, store: Store) -> RoundReport:
        """Ask each feed, fetch what is new, have it stored.

        Raises:
            LedgerError: It could not be stored; what was stored before stays, and the rest is fetched again.
        """
        self._report = report = RoundReport()
        try:
            for number, url in enumerate(self._urls):
                self._progress(number, len(self._urls), shown(url))
                self._poll(url)
        except Stopped:
            report.stopped = True
        self._keep()
        self._pages(store)
        report.waiting = sum(len(self._feed(url).waiting) for url in self._urls)
        self._keep()
        return report

    # ---- feeds ----

    def _feed(self, url: str) -> FeedState:
        return self._state.feeds.setdefault(shown(url), FeedState(shown(url)))

    def _poll(self, url: str) -> None:
        """Ask a feed what is new, and note it."""
        feed, report, name = self._feed(url), self._report, shown(url)
        now = self._clock.now()
        if feed.gone:
            report.put_off += 1
            report.notes.append(f"{name} is gone for good, as its server has said (410); it is not asked any more")
            return
        if now < feed.until <= now + 2 * 86_400:
            report.put_off += 1
            report.notes.append(f"{name} is left alone for {spoken(feed.until - now)} more, after an error")
            return
        headers = {"Accept": _ACCEPT}
        if feed.etag:
            headers["If-None-Match"] = feed.etag
        if feed.modified:
            headers["If-Modified-Since"] = feed.modified
        # With the credentials that were given, which are nowhere kept; they belong to the address that was given.
        address = url if feed.address == name else feed.address
        try:
            answer = self._ask(address, self._limits_of(url), headers)
        except (Forbidden, NotNow, PrivateAddress) as why:
            report.put_off += 1
            report.notes.append(f"{name}: {why}")
            return
        except BadInput as why:
            self._fail(feed, name, str(why))
            return
        if answer.moved and shown(answer.moved) != feed.address:
            feed.address = shown(answer.moved)
            report.notes.append(f"{name} has moved for good to {feed.address}; name that address from now on")
        self._take(feed, name, answer)

    def _take(self, feed: FeedState, name: str, answer: Answer) -> None:
        report = self._report
        if answer.status == 304:
            report.feeds += 1
            report.unchanged += 1
            feed.failures, feed.until = 0, 0.0
            return
        if answer.status == 410:
            feed.gone = True
            report.put_off += 1
            report.notes.append(f"{name} is gone for good, its server says (410); it is not asked any more")
            return
        if answer.status != 200:
            self._fail(feed, name, f"it answered {answer.status} {answer.reason}".rstrip())
            return
        try:
            found = read_feed(answer.raw, charset=_charset(answer), url=answer.url, limits=self._limits)
        except BadInput as why:
            self._fail(feed, name, str(why))
            report.refused.append(Refusal(RefusalReason(why.reason), f"{name}: {why}"))
            return
        report.feeds += 1
        feed.failures, feed.until = 0, 0.0
        feed.etag, feed.modified = answer.headers.get("etag"), answer.headers.get("last-modified")
        self._note(feed, found.entries)

    def _note(self, feed: FeedState, entries: Iterable[Entry]) -> None:
        today = datetime.fromtimestamp(self._clock.now(), UTC).date()
        for entry in entries:
            key = _key(entry)
            # Feeds of one outlet overlap.
            if any(key in other.seen for other in self._state.feeds.values()):
                feed.seen[key] = today.isoformat()
            elif key not in feed.waiting:
                self._report.entries += 1
                feed.waiting[key] = Waiting(entry.url, entry.title, entry.published, entry.publisher, entry.text)
        oldest = (today - _SEEN_FOR).isoformat()
        feed.seen = {key: day for key, day in feed.seen.items() if day >= oldest}

    def _fail(self, feed: FeedState, name: str, why: str) -> None:
        feed.failures += 1
        feed.until = self._clock.now() + pause(feed.failures)
        self._report.put_off += 1
        self._report.notes.append(f"{name}: {why}; it is asked again in {spoken(feed.until - self._clock.now())}")

    # ---- pages ----

    def _pages(self, store: Store) -> None:
        """Fetch the pages of waiting entries and have them stored, batch by batch."""
        jobs: dict[str, deque[tuple[str, str]]] = {}
        waiting = [(url, key, entry) for url in self._urls for key, entry in self._feed(url).waiting.items()]
        # A page that fails has its host left alone for a while: it comes last, lest the others wait for it.
        for url, key, entry in sorted(waiting, key=lambda one: one[2].tries):
            jobs.setdefault(host_of(entry.url or ""), deque()).append((url, key))
        count = len(waiting)
        batch: list[Item] = []
        done: list[tuple[str, str]] = []
        try:
            for number in range(count):
                # Whose host can be asked soonest, so that one that wants long gaps does not hold up the others.
                host = min((host for host in jobs if jobs[host]), key=self._manners.left)
                if self._report.stopped or self._manners.left(host) > PATIENCE_S:
                    break
                url, key = job = jobs[host].popleft()
                entry = self._feed(url).waiting[key]
                self._progress(number, count, entry.url or key)
                found = self._fetched(url, entry)
                if found is None:
                    continue
                batch += found
                done.append(job)
                if len(batch) >= BATCH:
                    self._stored(store, batch, done)
                    batch, done = [], []
        except Stopped:
            self._report.stopped = True
        if done:
            self._stored(store, batch, done)

    def _stored(self, store: Store, batch: list[Item], done: list[tuple[str, str]]) -> None:
        report = self._report
        told = store(batch)
        report.revision = told.revision
        report.added += told.added
        report.already_known += told.already_known
        report.claims += told.claims
        report.refused += told.refused
        report.refusals.update(told.refusals)
        report.articles += told.articles
        today = datetime.fromtimestamp(self._clock.now(), UTC).date().isoformat()
        for url, key in done:
            feed = self._feed(url)
            feed.waiting.pop(key, None)
            feed.seen[key] = today
        self._keep()

    def _fetched(self, url: str, entry: Waiting) -> list[Item] | None:
        """What becomes of an entry: its article, a refusal, or None where its page is to be asked for again."""
        name = entry.url or f"{shown(url)}, entry {entry.title[:80]!r}"
        if entry.url is None:
            return self._own(entry, name, BadInput(RefusalReason.UNREADABLE, "the feed gives no address of its page"))
        try:
            answer = self._ask(entry.url, self._limits_of(url), {})
        except (Forbidden, PrivateAddress) as why:
            return self._own(entry, name, why)
        except NotNow as why:
            # Only where asking for its robots.txt has failed; a host that wants a gap is not the page's fault.
            failures = self._state.hosts.get(host_of(entry.url), Host()).failures
            return self._again(entry, name, why) if failures else None
        except BadInput as why:
            if why.reason != RefusalReason.UNREADABLE:
                return self._own(entry, name, why)
            return self._again(entry, name, why)
        if answer.status != 200:
            told = BadInput(RefusalReason.UNREADABLE, f"it answered {answer.status} {answer.reason}".rstrip())
            later = answer.status == 429 or answer.status >= 500
            return self._again(entry, name, told) if later else self._own(entry, name, told)
        kind = answer.headers.get("content-type")
        found = list(read_bytes(answer.raw, name=name, content_type=kind, url=answer.url, limits=self._limits))
        if not any(isinstance(one, Article) for one in found):
            first = next((one for one in found if isinstance(one, Refusal)), None)
            reason = first.reason if first is not None else RefusalReason.EMPTY
            message = first.detail.removeprefix(f"{name}: ") if first is not None else "there is no article"
            return self._own(entry, name, BadInput(reason, message))
        articles = [one for one in found if isinstance(one, Article)]
        return [_filled(one, entry) if one in articles and len(articles) == 1 else one for one in found]

    def _again(self, entry: Waiting, name: str, why: BadInput) -> list[Item] | None:
        entry.tries += 1
        if entry.tries < TRIES:
            return None
        return self._own(entry, name, BadInput(why.reason, f"{why} (asked for {entry.tries} times, and given up)"))

    def _own(self, entry: Waiting, name: str, why: BadInput) -> list[Item]:
        """The article as the feed itself holds it, with the reason; the reason alone where it holds none."""
        whole = Entry(name, entry.url, entry.title, entry.published, entry.publisher, entry.text)
        reason = RefusalReason(why.reason)
        try:
            article = article_of(whole, self._limits)
        except BadInput as none:
            more = "" if entry.text is None else f"; of what the feed holds of it: {none}"
            return [Refusal(reason, f"{name}: {why}{more}")]
        self._report.from_feed += 1
        return [article, Refusal(reason, f"{name}: {why}; its text was taken from the feed")]

    # ---- asking ----

    def _limits_of(self, url: str) -> Limits:
        """What may be asked for a feed's sake: where it lies at a public address, nothing private."""
        allowed = self._limits.allow_private and leads_home(url)
        return self._limits if allowed else replace(self._limits, allow_private=False)

    def _ask(self, url: str, limits: Limits, headers: dict[str, str]) -> Answer:
        self._at_hand = limits
        try:
            answer = ask(url, limits, headers=headers, before=self._manners.before)
        except (Forbidden, NotNow, PrivateAddress):
            raise
        except BadInput as why:
            if why.reason == RefusalReason.UNREADABLE:
                self._manners.failed(url)
            raise
        self._manners.answered(answer.url, answer)
        return answer

    def _ask_for_robots(self, url: str) -> Answer:
        limits = replace(self._at_hand, max_bytes=2_000_000)
        return ask(url, limits, headers={"Accept": "text/plain, */*;q=0.1"}, before=self._manners.wait)

    def _keep(self) -> None:
        self._manners.forget_the_past()
        self._state.hosts, self._state.robots = self._manners.hosts, self._manners.robots
        self._save(self._state)


def _key(entry: Entry) -> str:
    """By what an entry is known again; ids may be of any length."""
    return entry.key if len(entry.key) <= 200 else hashlib.sha256(entry.key.encode()).hexdigest()


def _filled(article: Article, entry: Waiting) -> Article:
    """The article with what its page leaves open and the feed of its outlet says: its headline and its day."""
    title, published = article.title or entry.title, article.published or entry.published
    if (title, published) == (article.title, article.published):
        return article
    return replace(article, title=title, published=published, id="")


def _charset(answer: Answer) -> str | None:
    try:
        return by_content_type(answer.headers.get("content-type", ""))[1]
    except BadInput:
        return None
