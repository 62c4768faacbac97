"""Watching feeds, against a real server on this machine, by a clock that only waiting moves."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.intake import Item, Limits
from app.intake import fetch as fetching
from app.ledger import Ledger, open_ledger
from app.pipeline import ingest
from app.pipeline import watching as watch_module
from app.pipeline.ingest import IngestReport
from app.pipeline.watching import RoundReport, Stopped, Watcher, WatchState, load_state, save_state
from app.vocabulary.errors import BadQuery, LedgerBusy
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article
from tests.pipeline.outlet import Answer, Outlet, entry, serving
from tests.pipeline.plain import plain_recipe

ROOT = Path(__file__).resolve().parents[2]
FULL = "<p>Ardania accused Beloria over the raid in Kesh. Beloria denied Ardania.</p>" * 4


HOME = Limits(allow_private=True)
"""The outlet of these tests is on this machine."""


class FakeClock:
    def __init__(self) -> None:
        self.time = 1_930_000_000.0
        self.slept: list[float] = []
        self.stop_after: int | None = None

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        if self.stop_after is not None and len(self.slept) >= self.stop_after:
            raise Stopped
        self.slept.append(seconds)
        self.time += seconds


class Desk:
    """A watcher on a state and a ledger, made anew for each round as `polemos watch --once` does."""

    def __init__(self, outlet: Outlet, folder: Path, gazetteer: Gazetteer) -> None:
        self.outlet, self.path, self.gazetteer = outlet, folder / "l.sqlite.watch.json", gazetteer
        self.ledger: Ledger = open_ledger(f"sqlite:///{folder / 'l.sqlite'}")
        self.clock = FakeClock()
        self.batches: list[list[Item]] = []

    def store(self, items: list[Item]) -> IngestReport:
        self.batches.append(items)
        return ingest(items, ledger=self.ledger, recipe=plain_recipe(), gazetteer=self.gazetteer)

    def round(self, *feeds: str, limits: Limits = HOME, **options: Any) -> RoundReport:
        state, trouble = load_state(self.path)
        assert trouble is None
        watcher = Watcher(
            [url if "://" in url else self.outlet.url + url for url in feeds or ("/feed",)],
            state=state,
            clock=self.clock,
            save=lambda whole: save_state(whole, self.path),
            limits=limits,
            **options,
        )
        return watcher.round(self.store)

    @property
    def state(self) -> WatchState:
        return load_state(self.path)[0]

    def titles(self) -> list[str]:
        return [one.title for _, one in self.ledger.entries() if isinstance(one, Article)]


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(ROOT / "graph_data" / "gazetteers")


@pytest.fixture
def outlet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Outlet]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,kesh-courier.example")
    with serving() as one:
        yield one


@pytest.fixture
def desk(outlet: Outlet, tmp_path: Path, gazetteer: Gazetteer) -> Iterator[Desk]:
    one = Desk(outlet, tmp_path, gazetteer)
    yield one
    one.ledger.close()


def test_new_entries_are_fetched_stored_and_not_asked_for_again(desk: Desk, outlet: Outlet) -> None:
    outlet.feed(entry(1), entry(2))
    outlet.page("/1", "One")
    outlet.page("/2", "Two")
    first = desk.round()
    assert (first.feeds, first.entries, first.added, first.waiting, first.refused) == (1, 2, 2, 0, [])
    assert first.claims == 4
    assert outlet.paths == ["/robots.txt", "/feed", "/1", "/2"]
    assert {one.agent for one in outlet.log} == {"polemos"}
    outlet.log.clear()
    second = desk.round()
    assert (second.feeds, second.unchanged, second.entries, second.added) == (1, 1, 0, 0)
    assert [(one.path, one.etag) for one in outlet.log] == [("/feed", '"1"')]
    outlet.log.clear()
    outlet.feed(entry(3), entry(1), entry(2), etag='"2"')
    outlet.page("/3", "Three")
    third = desk.round()
    assert (third.entries, third.added) == (1, 1)
    assert outlet.paths == ["/feed", "/3"]
    assert desk.titles() == ["One", "Two", "Three"]


def test_a_feed_without_an_etag_is_asked_by_date(desk: Desk, outlet: Outlet) -> None:
    outlet.feed(etag=None, **{"Last-Modified": "Tue, 04 Mar 2031 10:00:00 GMT"})
    desk.round()
    desk.round()
    assert outlet.log[-1].modified == "Tue, 04 Mar 2031 10:00:00 GMT"


def test_a_lost_state_adds_nothing_twice(desk: Desk, outlet: Outlet) -> None:
    outlet.feed(entry(1))
    outlet.page("/1", "One")
    desk.round()
    desk.path.unlink()
    again = desk.round()
    assert (again.entries, again.added, again.already_known) == (1, 0, 1)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b'{"format": 1, "feeds": []}', b'{"format": "x"}', b"\xff\xfe\x00", b"[" * 100_000],
)
def test_a_damaged_state_is_left_aside_with_a_word(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "x.watch.json"
    path.write_bytes(raw)
    state, trouble = load_state(path)
    assert state == WatchState()
    assert trouble is not None
    assert "is damaged" in trouble


def test_a_state_of_a_newer_version_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "x.watch.json"
    path.write_bytes(b'{"format": 2, "feeds": "otherwise"}')
    with pytest.raises(BadQuery, match="newer version"):
        load_state(path)


def test_a_state_is_kept_whole(desk: Desk, outlet: Outlet, tmp_path: Path) -> None:
    outlet.feed(entry(1), entry(2))
    outlet.page("/1", "One")
    desk.round()
    state = desk.state
    save_state(state, tmp_path / "copy.json")
    assert load_state(tmp_path / "copy.json") == (state, None)
    assert not list(tmp_path.glob("*.part"))


def test_a_page_that_is_not_there_is_refused_once(desk: Desk, outlet: Outlet) -> None:
    outlet.feed(entry("gone"))
    first = desk.round()
    ((reason, detail),) = [(str(one.reason), one.detail) for one in first.refused]
    assert (reason, first.waiting) == ("unreadable", 0)
    assert detail == f"{outlet.url}/gone: it answered 404 Not Found"
    outlet.feed(entry("gone"), etag='"2"')
    assert desk.round().refused == []
    assert outlet.paths.count("/gone") == 1


@pytest.mark.parametrize("status", [404, 403, 451])
def test_where_a_page_cannot_be_had_the_feeds_own_text_is_taken(desk: Desk, outlet: Outlet, status: int) -> None:
    outlet.feed(entry(1, content=FULL, published="2031-03-04T23:30:00-05:00"))
    outlet.answers["/1"] = Answer(status=status)
    report = desk.round()
    assert (report.added, report.from_feed) == (1, 1)
    assert [one.detail.rpartition("; ")[2] for one in report.refused] == ["its text was taken from the feed"]
    (article,) = [one for one in desk.batches[0] if isinstance(one, Article)]
    assert (article.title, article.published, article.url) == ("Story 1", "2031-03-04", f"{outlet.url}/1")
    assert article.text.startswith("Ardania accused Beloria over the raid")


def test_a_page_that_is_no_article_gives_way_to_the_feeds_own_text(desk: Desk, outlet: Outlet) -> None:
    outlet.feed(entry(1, content=FULL))
    outlet.answers["/1"] = Answer(b"<html><body><p>Please accept all cookies.</p></body></html>")
    report = desk.round()
    assert (report.added, report.from_feed) == (1, 1)
    assert report.refused[0].reason == "not_an_article"


def test_a_summary_is_never_taken_for_the_article(desk: Desk, outlet: Outlet) -> None:
    outlet.feed(entry(1, content="<p>Ardania accused Beloria.</p>"))
    report = desk.round()
    assert (report.added, report.from_feed) == (0, 0)
    assert "no more than a summary" in report.refused[0].detail


def test_what_a_page_leaves_open_its_feed_tells(desk: Desk, outlet: Outlet) -> None:
    outlet.feed(entry(1, published="2031-03-05T00:30:00+09:00"), entry(2, published="2031-03-05T00:30:00Z"))
    outlet.page("/1", "One", published=None)
    outlet.page("/2", "Two", published="2031-03-04")
    desk.round()
    assert [one.published for _, one in desk.ledger.entries() if isinstance(one, Article)] == [
        "2031-03-05",
        "2031-03-04",
    ]


# ---- manners ----


def test_between_two_requests_to_a_host_there_is_a_gap(desk: Desk, outlet: Outlet) -> None:
    outlet.feed(entry(1), entry(2))
    outlet.page("/1", "One")
    outlet.page("/2", "Two")
    desk.round()
    assert desk.clock.slept == [2.0] * 3
    outlet.answers["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 7\n", "text/plain")
    desk.clock.time += 90_000
    desk.clock.slept.clear()
    outlet.feed(entry(3), entry(4), etag='"2"')
    desk.round()
    assert desk.clock.slept == [2.0, 7.0, 7.0]


def test_a_host_that_wants_long_gaps_gets_one_request_a_round(desk: Desk, outlet: Outlet) -> None:
    outlet.answers["/robots.txt"] = Answer(b"User-agent: polemos\nCrawl-delay: 600\n", "text/plain")
    outlet.feed(entry(1), entry(2))
    outlet.page("/1", "One")
    outlet.page("/2", "Two")
    assert [desk.round().waiting for _ in range(1)] == [2]
    desk.clock.time += 601
    outlet.log.clear()
    assert desk.round().waiting == 2
    assert outlet.paths == ["/feed"]


def test_robots_txt_is_kept_to_and_kept_for_a_day(desk: Desk, outlet: Outlet) -> None:
    outlet.answers["/robots.txt"] = Answer(b"User-agent: polemos\nDisallow: /paid/\n", "text/plain")
    outlet.feed(entry(1), entry(2, link="/paid/2"), entry(3, link="/paid/3", content=FULL))
    outlet.page("/1", "One")
    outlet.page("/paid/2", "Two")
    report = desk.round()
    assert (report.added, report.from_feed) == (2, 1)
    assert "/paid/2" not in outlet.paths
    assert "asks not to read it" in report.refused[0].detail
    desk.round()
    assert outlet.paths.count("/robots.txt") == 1
    desk.clock.time += 86_401
    desk.round()
    assert outlet.paths.count("/robots.txt") == 2


def test_a_feed_that_robots_txt_forbids_is_not_read_unless_its_owner_says_so(desk: Desk, outlet: Outlet) -> None:
    outlet.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /\n", "text/plain")
    outlet.feed(entry(1))
    outlet.page("/1", "One")
    report = desk.round()
    assert (report.feeds, report.put_off, outlet.paths) == (0, 1, ["/robots.txt"])
    assert "asks not to read it" in report.notes[0]
    desk.clock.time += 86_400
    assert desk.round(no_robots_for=["127.0.0.1"]).added == 1


@pytest.mark.parametrize("status", [500, 503, 429])
def test_where_robots_txt_is_in_trouble_nothing_is_asked_for_now(desk: Desk, outlet: Outlet, status: int) -> None:
    outlet.answers["/robots.txt"] = Answer(status=status)
    outlet.feed(entry(1))
    report = desk.round()
    assert (report.put_off, outlet.paths) == (1, ["/robots.txt"])
    assert f"answered {status}" in report.notes[0]
    desk.round()
    assert outlet.paths == ["/robots.txt"]
    desk.clock.time += 1_000
    del outlet.answers["/robots.txt"]
    outlet.page("/1", "One")
    assert desk.round().added == 1


@pytest.mark.parametrize("retry", ["3000", "date"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_names_a_time_is_left_alone_until_then(
    desk: Desk, outlet: Outlet, status: int, retry: str
) -> None:
    outlet.feed(entry(1), entry(2))
    outlet.page("/2", "Two")
    value = retry if retry != "date" else formatdate(desk.clock.time + 3_000, usegmt=True)
    outlet.answers["/1"] = Answer(status=status, headers={"Retry-After": value})
    report = desk.round()
    assert (report.added, report.waiting) == (0, 2)
    assert outlet.paths == ["/robots.txt", "/feed", "/1"]
    outlet.page("/1", "One")
    desk.clock.time += 2_900
    desk.round()
    assert len(outlet.log) == 3
    desk.clock.time += 120
    assert desk.round().added == 2


def test_a_page_is_asked_for_some_times_and_then_given_up(desk: Desk, outlet: Outlet) -> None:
    outlet.feed(entry(1, content=FULL), entry(2))
    outlet.answers["/1"] = Answer(status=500)
    outlet.page("/2", "Two")
    rounds = []
    for _ in range(8):
        rounds.append(desk.round())
        desk.clock.time += 30_000
    assert outlet.paths.count("/1") == watch_module.TRIES
    assert sum(one.from_feed for one in rounds) == 1
    assert desk.titles() == ["Two", "Story 1"]
    (told,) = [refusal.detail for one in rounds for refusal in one.refused]
    assert "asked for 5 times, and given up" in told


def test_a_feed_in_trouble_is_asked_less_and_less(desk: Desk, outlet: Outlet) -> None:
    outlet.answers["/feed"] = Answer(status=500)
    waits = []
    for _ in range(4):
        report = desk.round()
        assert (report.put_off, report.feeds) == (1, 0)
        waits.append(desk.state.feeds[f"{outlet.url}/feed"].until - desk.clock.time)
        # The host is left alone, too, by a draw of its own.
        desk.clock.time += 1.7 * waits[-1] + 1
    assert outlet.paths.count("/feed") == 4
    for number, wait in enumerate(waits):
        assert 0.7 <= wait / (300 * 2**number) <= 1.3
    outlet.feed()
    assert desk.round().feeds == 1
    assert desk.state.feeds[f"{outlet.url}/feed"].failures == 0


def test_a_clock_that_was_put_back_silences_nobody(desk: Desk, outlet: Outlet) -> None:
    outlet.answers["/feed"] = Answer(status=500)
    desk.round()
    desk.clock.time -= 300 * 86_400
    outlet.feed(entry(1))
    outlet.page("/1", "One")
    assert desk.round().added == 1


def test_a_feed_that_is_gone_is_not_asked_again(desk: Desk, outlet: Outlet) -> None:
    outlet.answers["/feed"] = Answer(status=410)
    assert "gone for good" in desk.round().notes[0]
    desk.clock.time += 86_401
    assert "gone for good" in desk.round().notes[0]
    assert outlet.paths.count("/feed") == 1


def test_a_feed_that_moved_for_good_is_followed_and_told(desk: Desk, outlet: Outlet) -> None:
    outlet.answers["/feed"] = Answer(status=301, headers={"Location": "/new"})
    outlet.feed(entry(1), path="/new")
    outlet.page("/1", "One")
    report = desk.round()
    assert report.added == 1
    assert report.notes == [f"{outlet.url}/feed has moved for good to {outlet.url}/new; name that address from now on"]
    outlet.log.clear()
    assert desk.round().unchanged == 1
    assert outlet.paths == ["/new"]
    outlet.answers["/new"] = Answer(status=302, headers={"Location": "/later"})
    outlet.feed(entry(1), path="/later")
    assert desk.round().notes == []


def test_one_feed_in_trouble_leaves_the_others_alone(desk: Desk, outlet: Outlet) -> None:
    outlet.answers["/feed"] = Answer(b"<html><body>No feed</body></html>")
    outlet.feed(entry(1), path="/other")
    outlet.page("/1", "One")
    report = desk.round("/feed", "/other", "/other")
    assert (report.feeds, report.put_off, report.added) == (1, 1, 1)
    assert "no feed" in report.notes[0]


def test_an_entry_that_two_feeds_name_is_fetched_once(desk: Desk, outlet: Outlet) -> None:
    outlet.feed(entry(1))
    outlet.page("/1", "One")
    desk.round()
    outlet.feed(entry(1), path="/world")
    assert desk.round("/feed", "/world").entries == 0
    assert outlet.paths.count("/1") == 1


# ---- where it may lead ----


def test_a_public_feed_leads_nowhere_private(desk: Desk, outlet: Outlet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "leads_home", lambda url: False)
    port = outlet.url.rpartition(":")[2]
    public = ["kesh-courier.example"]
    real = fetching._public_addresses

    def addresses(host: str, at: int, resolve: fetching.Resolver) -> list[str]:
        return ["127.0.0.1"] if host in public else real(host, at, resolve)

    monkeypatch.setattr(fetching, "_public_addresses", addresses)
    outlet.feed(entry(1), entry(2, link=f"{outlet.url}/admin"), entry(3, link="/moved"))
    outlet.page("/1", "One")
    outlet.page("/admin", "Secret")
    outlet.answers["/moved"] = Answer(status=302, headers={"Location": f"{outlet.url}/admin"})
    report = desk.round(f"http://kesh-courier.example:{port}/feed")
    assert report.added == 1
    assert "/admin" not in outlet.paths
    assert [one.detail.count("private network") for one in report.refused] == [1, 1]


def test_nothing_private_where_limits_forbid_it(desk: Desk, outlet: Outlet) -> None:
    outlet.feed(entry(1))
    report = desk.round(limits=Limits())
    assert (report.put_off, outlet.paths) == (1, [])
    assert "private network" in report.notes[0]


@pytest.mark.parametrize("url", ["kesh-courier.example/feed", "file:///etc/hostname", "http://", "-"])
def test_what_is_no_address_is_said_at_once(desk: Desk, url: str) -> None:
    with pytest.raises(BadQuery, match="no address of a feed"):
        Watcher([url], state=WatchState(), clock=desk.clock, save=lambda _: None)


def test_credentials_are_sent_and_neither_kept_nor_told(desk: Desk, outlet: Outlet) -> None:
    outlet.feed(entry(1))
    outlet.page("/1", "One")
    report = desk.round(outlet.url.replace("://", "://reader:secret@") + "/feed")
    assert report.added == 1
    assert b"secret" not in desk.path.read_bytes()
    assert b"secret" not in msgspec.json.encode(report.as_dict())


# ---- ends ----


def test_ending_stores_what_was_fetched_and_the_rest_waits(desk: Desk, outlet: Outlet) -> None:
    outlet.feed(*(entry(number) for number in range(6)))
    for number in range(6):
        outlet.page(f"/{number}", f"Number {number}")
    desk.clock.stop_after = 3
    report = desk.round()
    assert (report.stopped, report.added, report.waiting) == (True, 2, 4)
    desk.clock.stop_after = None
    outlet.log.clear()
    again = desk.round()
    assert (again.unchanged, again.added, again.waiting) == (1, 4, 0)
    assert outlet.paths == ["/feed", "/2", "/3", "/4", "/5"]


def test_what_could_not_be_stored_is_fetched_again(desk: Desk, outlet: Outlet) -> None:
    outlet.feed(entry(1))
    outlet.page("/1", "One")
    store = desk.store

    def busy(items: list[Item]) -> IngestReport:
        raise LedgerBusy("another writer holds it")

    desk.store = busy  # type: ignore[method-assign]
    with pytest.raises(LedgerBusy):
        desk.round()
    desk.store = store  # type: ignore[method-assign]
    assert desk.round().added == 1


def test_batches_are_stored_as_they_fill(desk: Desk, outlet: Outlet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "BATCH", 2)
    outlet.feed(*(entry(number) for number in range(5)))
    for number in range(5):
        outlet.page(f"/{number}", f"Number {number}")
    told: list[tuple[int, int, str]] = []
    report = desk.round(progress=lambda *one: told.append(one))
    assert [len(batch) for batch in desk.batches] == [2, 2, 1]
    assert (report.added, report.revision) == (5, 3)
    assert told[-1] == (4, 5, f"{outlet.url}/4")
