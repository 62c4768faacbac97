"""Manners towards hosts, by a clock that only waiting moves; what a server sees of them is tested with the watcher."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from app.intake.fetch import Answer
from app.intake.robots import Forbidden, Host, Kept, Manners, NotNow, host_of, pause, retry_after, spoken
from app.vocabulary.errors import BadInput

NOW = 1_930_000_000.0
SITE = "https://kesh-courier.example"
PAGE = SITE + "/news/1"


class FakeClock:
    def __init__(self) -> None:
        self.time = NOW
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


class Site:
    """Answers for every robots.txt alike."""

    def __init__(self, text: str = "", status: int = 200) -> None:
        self.text, self.status = text, status
        self.asked: list[str] = []

    def __call__(self, url: str) -> Answer:
        self.asked.append(url)
        if not self.status:
            raise BadInput("unreadable", "no answer")
        return Answer(self.status, "", {}, self.text.encode(), url)


def manners(site: Site, clock: FakeClock | None = None, **options: object) -> Manners:
    return Manners(clock or FakeClock(), site, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow: /\n", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: polemos\nDisallow: /paid/\n", True),
        ("User-agent: Polemos\nDisallow: /news/\n", False),
        ("User-agent: *\nDisallow: /news/\nAllow: /news/1\n", True),
        ("User-agent: otherbot\nDisallow: /\n", True),
        ("<html>not found</html>", True),
        ("\0\xff" * 99, True),
    ],
)
def test_what_robots_txt_says(text: str, allowed: bool) -> None:
    one = manners(Site(text))
    if allowed:
        one.before(PAGE)
        assert one.hosts[host_of(PAGE)].until > NOW
    else:
        with pytest.raises(Forbidden, match=r"kesh-courier\.example"):
            one.before(PAGE)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_where_there_is_none_all_is_allowed(status: int) -> None:
    site = Site("User-agent: *\nDisallow: /", status)
    one = manners(site)
    one.before(PAGE)
    # It was asked for, and the page may be asked now.
    assert site.asked == [f"{SITE}/robots.txt"]
    assert one.hosts[host_of(PAGE)].until > NOW


@pytest.mark.parametrize("status", [0, 429, 500, 503])
def test_where_it_cannot_be_had_nothing_is_asked_for_now(status: int) -> None:
    site, clock = Site(status=status), FakeClock()
    one = manners(site, clock)
    for _ in range(3):
        with pytest.raises(NotNow):
            one.before(PAGE)
    assert len(site.asked) == 1, "it is left alone for a while, robots.txt included"
    clock.time += 400
    site.status = 200
    one.before(PAGE)


def test_it_is_asked_for_once_a_day_and_origin() -> None:
    site, clock = Site(), FakeClock()
    one = manners(site, clock)
    for url in (PAGE, SITE + "/2", SITE.replace("https:", "http:") + "/3", SITE + ":8443/4"):
        one.before(url)
    assert site.asked == [
        f"{SITE}/robots.txt",
        "http://kesh-courier.example/robots.txt",
        "https://kesh-courier.example:8443/robots.txt",
    ]
    again = manners(site, clock, robots=one.robots)
    again.before(PAGE)
    assert len(site.asked) == 3
    clock.time += 86_401
    again.before(PAGE)
    assert len(site.asked) == 4


def test_one_that_seems_to_come_from_the_future_is_asked_for_anew() -> None:
    site = Site()
    manners(site, robots={SITE: Kept(NOW + 999_999, "User-agent: *\nDisallow: /")}).before(PAGE)
    assert site.asked == [f"{SITE}/robots.txt"]


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("", 2.0),
        ("User-agent: *\nCrawl-delay: 9\n", 9.0),
        ("User-agent: *\nCrawl-delay: 0.5\n", 2.0),
        ("User-agent: *\nRequest-rate: 1/20s\n", 20.0),
        ("User-agent: *\nCrawl-delay: never\n", 2.0),
    ],
)
def test_the_gap_is_ours_or_the_hosts_if_longer(text: str, gap: float) -> None:
    clock = FakeClock()
    one = manners(Site(text), clock)
    one.before(PAGE)
    one.before(SITE + "/2")
    assert clock.slept[-1] == pytest.approx(gap)


def test_hosts_do_not_wait_for_one_another() -> None:
    clock = FakeClock()
    one = manners(Site(), clock)
    for host in ("a.example", "b.example", "c.example"):
        one.before(f"https://{host}/")
    assert clock.slept == []


def test_what_would_take_longer_than_one_waits_is_put_off() -> None:
    one = manners(Site("User-agent: *\nCrawl-delay: 3600\n"))
    one.before(PAGE)
    with pytest.raises(NotNow, match="60 minutes more"):
        one.before(SITE + "/2")


def test_no_robots_for_hosts_of_ones_own() -> None:
    site = Site("User-agent: *\nDisallow: /")
    manners(site, exempt=frozenset({"kesh-courier.example"})).before(PAGE)
    assert site.asked == []


def test_errors_in_a_row_double_the_pause_and_an_answer_ends_it() -> None:
    for failures, middle in [(1, 300), (2, 600), (3, 1_200), (99, 21_600)]:
        for _ in range(20):
            assert 0.75 * middle <= pause(failures) <= 1.25 * middle
    one = manners(Site())
    one.answered(PAGE, Answer(500, ""))
    one.answered(PAGE, Answer(500, ""))
    assert one.hosts["kesh-courier.example"].failures == 2
    one.answered(PAGE, Answer(404, ""))
    assert one.hosts["kesh-courier.example"].failures == 0


def test_only_what_matters_is_kept() -> None:
    clock = FakeClock()
    one = manners(Site(), clock, hosts={"old.example": Host(NOW - 9), "sick.example": Host(NOW - 9, 2)})
    one.before(PAGE)
    one.forget_the_past()
    assert sorted(one.hosts) == ["kesh-courier.example", "sick.example"]
    clock.time += 100_000
    one.forget_the_past()
    assert (sorted(one.hosts), one.robots) == (["sick.example"], {})


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("999999999999999", 604_800),
        (formatdate(NOW + 90, usegmt=True), 90),
        (formatdate(NOW - 90, usegmt=True), 0),
        ("Wed, 31 Feb 2031 00:00:00 GMT", None),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_words() -> None:
    assert [spoken(n) for n in (0.2, 1, 89, 90, 5_300, 5_500)] == [
        "1 second",
        "1 second",
        "89 seconds",
        "2 minutes",
        "88 minutes",
        "2 hours",
    ]
    assert [host_of(url) for url in ("HTTPS://U:P@Kesh.Example.:80/x", "nothing", "http://[::bad")] == [
        "kesh.example",
        "",
        "",
    ]
