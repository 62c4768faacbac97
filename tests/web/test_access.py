"""Who is let in: keys and roles at every route, this machine without one, hosts and origins, limits, and who wrote."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.ledger import KeyRole
from app.ledger.keys import new_key
from app.vocabulary.errors import LedgerAway
from app.web import Services, access
from app.web.access import Access, Buckets, is_loopback, network_of
from app.web.roles import role_of, routes_of
from tests.web.door import AWAY, CLOSED, LOCAL, Door

OPEN = {"/", "/page/{path:path}", "/docs", "/docs.js", "/openapi.json", "/health", "/ready", "/whoami", "/ns",
        "/ns/{name:path}", "/shapes", "/shapes/{name}"}  # fmt: skip
"""Routes that anybody may ask: they tell nothing of the ledger, or no more than that the service is well."""
READ_BY_POST = {"/sparql", "/receipts/verify"}
"""Routes that take a body and change nothing."""
DECIDED = {"kind": "retract", "subject": "clm-none", "reason": "because"}


@pytest.fixture
def opened(services: Services) -> Iterator[Callable[..., Door]]:
    doors: list[Door] = []

    def make(policy: Access = CLOSED, **keys: Any) -> Door:
        doors.append(Door(services, policy, **keys))
        return doors[-1]

    yield make
    for door in doors:
        door.close()


@pytest.fixture
def door(opened: Callable[..., Door]) -> Door:
    return opened()


def routes(door: Door) -> list[tuple[str, str, KeyRole | None]]:
    return [
        (method, route.path, role_of(route))
        for route in routes_of(door.app.routes)
        for method in sorted(route.methods or ())
    ]


def filled(path: str) -> str:
    for name, value in (("{kind}", "actor"), ("{path:path}", "x"), ("{name:path}", "x")):
        path = path.replace(name, value)
    return path if "{" not in path else path.partition("{")[0] + "none" + path.partition("}")[2]


# ---- roles ----


def test_every_route_says_whom_it_lets_in(door: Door) -> None:
    found = routes(door)
    assert len(found) > 50
    for method, path, role in found:
        if path in OPEN:
            assert role is None, path
            assert method in ("GET", "HEAD"), path
        else:
            assert role is not None, f"{method} {path} lets everybody in"
        if method not in ("GET", "HEAD") and path not in READ_BY_POST:
            assert role is not None, path
            assert role is not KeyRole.READER, f"{method} {path} writes, and lets readers in"
    assert {(method, path): role for method, path, role in found if role not in (None, KeyRole.READER)} == {
        ("POST", "/articles"): KeyRole.CONTRIBUTOR,
        ("DELETE", "/articles/{article_id}"): KeyRole.CURATOR,
        ("POST", "/decisions"): KeyRole.CURATOR,
        ("GET", "/audit"): KeyRole.ADMIN,
    }


def test_every_route_lets_in_whom_it_says_and_nobody_else(door: Door) -> None:
    asked = 0
    for method, path, role in routes(door):
        if "stream" in path:
            continue
        url = filled(path)
        bare = door.ask(method, url)
        if role is None:
            assert bare.status_code not in (401, 403), path
            continue
        assert bare.status_code == 401, f"{method} {path}"
        assert bare.headers["www-authenticate"] == 'Bearer realm="polemos"'
        for mine in KeyRole:
            answer = door.ask(method, url, mine)
            if mine.covers(role):
                assert answer.status_code not in (401, 403, 500), f"{method} {path} as {mine}"
            else:
                assert answer.status_code == 403, f"{method} {path} as {mine}"
                assert f'error="insufficient_scope", scope="{role}"' in answer.headers["www-authenticate"]
                assert method == "HEAD" or answer.headers["content-type"] == "application/problem+json"
            asked += 1
    assert asked > 150


def test_the_stream_needs_a_key_like_the_rest(door: Door) -> None:
    assert door.get("/stream").status_code == 401


def test_the_editor_of_queries_is_a_page_and_its_answers_are_not(door: Door) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for query in ("", "?query=ASK+%7B%7D"):
        # The page is not built here, which is said to anybody.
        assert door.get(f"/sparql{query}", headers=browser).status_code == 501
        for accept in ("*/*", "text/turtle", "text/html;q=0.1, text/turtle", "text/turtle, text/html;q=0.9", ""):
            assert door.get(f"/sparql{query}", headers={"Accept": accept}).status_code == 401
    assert door.ask("POST", "/sparql", data={"query": "ASK {}"}, headers=browser).status_code == 401


def test_openapi_tells_roles_and_refusals(door: Door) -> None:
    document = door.get("/openapi.json").json()
    scheme = document["components"]["securitySchemes"]["bearerAuth"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    told = {
        (method.upper(), path): operation["security"][0]["bearerAuth"][0]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "security" in operation
    }
    expected = {(m, p): str(role) for m, p, role in routes(door) if role is not None and p in document["paths"]}
    assert told == {key: role for key, role in expected.items() if key[1] in document["paths"] and key in told}
    assert {key for key in expected if key[0] != "HEAD"} == set(told)
    for (method, path), role in told.items():
        responses = document["paths"][path][method.lower()]["responses"]
        for status in ("401", "429", *(["403"] if role != "reader" else [])):
            assert "application/problem+json" in responses[status]["content"], f"{method} {path} {status}"


# ---- keys ----


def test_a_key_that_is_no_good_is_never_passed_over(opened: Callable[..., Door]) -> None:
    door = opened(LOCAL)
    late, expired = new_key("Late", KeyRole.ADMIN, expires_at=datetime.now(UTC) + timedelta(milliseconds=1))
    door.services.ledger.keep_key(late)
    time.sleep(0.01)
    good = door.secrets[KeyRole.ADMIN]
    for wrong in (expired, "", "x", good[:-1], good + "x", good.replace("polemos_", "polemos-"), "Ü", good.upper()):
        # Even where no key is needed: whoever shows one wants it to count.
        answer = door.get("/accusations", headers={"Authorization": f"Bearer {wrong}".encode("latin-1")})
        assert answer.status_code == 401, wrong
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert door.get("/accusations", headers={"Authorization": f"Basic {good}"}).status_code == 401
    assert door.get("/accusations", headers={"Authorization": f"bearer {good}"}).status_code == 200


def test_a_key_in_the_address_is_no_key(door: Door) -> None:
    answer = door.get("/accusations", params={"key": door.secrets[KeyRole.ADMIN]})
    assert answer.status_code == 401


def test_a_revoked_key_opens_nothing_within_a_second(door: Door) -> None:
    assert door.get("/accusations", KeyRole.READER).status_code == 200
    door.revoke(KeyRole.READER)
    until = time.monotonic() + access.KEYS_SECONDS + 20
    while door.get("/accusations", KeyRole.READER).status_code == 200:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert door.get("/accusations", KeyRole.READER).status_code == 401


def test_a_key_made_while_the_service_runs_opens_at_once(door: Door) -> None:
    assert door.get("/accusations", KeyRole.READER).status_code == 200
    key, secret = new_key("New", KeyRole.READER)
    door.services.ledger.keep_key(key)
    time.sleep(access.UNKNOWN_SECONDS)
    assert door.get("/accusations", secret).status_code == 200


def test_where_the_keys_cannot_be_read_nobody_is_let_in(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise LedgerAway("somewhere with a password")

    monkeypatch.setattr(door.services.reader, "api_keys", away)
    answer = door.get("/accusations", KeyRole.READER)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "password" not in answer.text


def test_keys_are_compared_in_constant_time_whether_they_exist_or_not(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[int, int]] = []
    real = hmac.compare_digest

    def compare(one: str, other: str) -> bool:
        compared.append((len(one), len(other)))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    unknown = new_key("Nobody", KeyRole.ADMIN)[1]
    for secret in (door.secrets[KeyRole.READER], unknown, "short", "x" * 5000):
        door.get("/accusations", secret)
    assert compared == [(64, 64)] * 4


def test_who_am_i(door: Door) -> None:
    assert door.get("/whoami").json() == {"role": None, "key": None, "name": None, "expires_at": None}
    found = door.get("/whoami", KeyRole.CURATOR).json()
    assert found == {"role": "curator", "key": door.keys[KeyRole.CURATOR].id, "name": "Ms curator", "expires_at": None}


def test_health_tells_strangers_no_numbers(door: Door) -> None:
    assert set(door.get("/health").json().values()) == {"ok", door.app.version, None}
    assert door.get("/health", KeyRole.READER).json()["claims"] == 10


# ---- this machine, and others ----


@pytest.mark.parametrize(
    ("address", "base", "headers", "status"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000", {}, 200),
        ("127.8.9.1", "http://localhost:8000", {}, 200),
        ("::1", "http://[::1]:8000", {}, 200),
        ("::ffff:127.0.0.1", "http://127.0.0.1:8000", {}, 200),
        (AWAY, "http://127.0.0.1:8000", {}, 401),
        ("2001:db8::1", "http://127.0.0.1:8000", {}, 401),
        # It came in by an address that others can reach, as with `uvicorn --host 0.0.0.0`.
        ("127.0.0.1", "http://203.0.113.9:8000", {}, 401),
        # A proxy on this machine passes on what others ask.
        ("127.0.0.1", "http://127.0.0.1:8000", {"X-Forwarded-For": "127.0.0.1"}, 401),
        ("127.0.0.1", "http://127.0.0.1:8000", {"Forwarded": "for=127.0.0.1"}, 401),
        ("127.0.0.1", "http://127.0.0.1:8000", {"X-Real-IP": "127.0.0.1"}, 401),
    ],
)
def test_only_this_machine_needs_no_key(
    opened: Callable[..., Door], address: str, base: str, headers: dict[str, str], status: int
) -> None:
    door = opened(Access(is_local_only=True))
    assert door.get("/accusations", address=address, base=base, headers=headers).status_code == status
    posted = door.ask("POST", "/decisions", address=address, base=base, headers=headers, json=DECIDED)
    assert posted.status_code == (400 if status == 200 else 401)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost", "::ffff:127.0.0.1"])
def test_what_this_machine_is_called(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "10.0.0.1", "localhost.example", "", "127.0.0.1.example", "2130706433"]
)
def test_what_it_is_not_called(host: str) -> None:
    assert not is_loopback(host)


def test_what_everybody_may_do_is_settled_by_one_setting(opened: Callable[..., Door]) -> None:
    door = opened(Access(anonymous=KeyRole.READER))
    assert door.get("/accusations", address=AWAY).status_code == 200
    answer = door.ask("POST", "/articles", address=AWAY, content=b"Ardania accuses Beloria.")
    assert answer.status_code == 401
    assert door.ask("POST", "/articles", KeyRole.CONTRIBUTOR, address=AWAY, content=b"A text.").status_code == 200


# ---- hosts and origins ----


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200), ("localhost", 200), ("LOCALHOST:1", 200), ("[::1]:8000", 200), ("x.localhost:80", 200),
        ("evil.example", 421), ("evil.example:8000", 421), ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example", 421),
        ("192.168.1.4:8000", 421), ("", 421), ("localhost@evil.example", 421), ("evil.example:localhost", 421),
    ],
)  # fmt: skip
def test_a_name_that_leads_here_from_elsewhere_is_not_answered(
    opened: Callable[..., Door], host: str, status: int
) -> None:
    door = opened(LOCAL)
    answer = door.get("/accusations", headers={"Host": host})
    assert answer.status_code == status
    assert (answer.headers["content-type"] == "application/problem+json") == (status != 200)


def test_names_that_are_allowed(opened: Callable[..., Door]) -> None:
    door = opened(Access(hosts=frozenset({"polemos.example"})))
    assert door.get("/", headers={"Host": "Polemos.example:443"}).status_code == 200
    assert door.get("/", headers={"Host": "localhost"}).status_code == 421


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({}, True),
        ({"Origin": "http://127.0.0.1:8000"}, True),
        ({"Origin": "https://127.0.0.1:8000"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "http://127.0.0.1:9000"}, False),
        ({"Origin": "http://127.0.0.1"}, False),
        ({"Origin": "http://127.0.0.1:8000.evil.example"}, False),
        ({"Origin": "http://127.0.0.1:x"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "file://"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
    ],
)
def test_a_page_elsewhere_cannot_write(opened: Callable[..., Door], headers: dict[str, str], is_ours: bool) -> None:
    door = opened(LOCAL)
    before = door.services.ledger.revision
    told = {"Content-Type": "text/plain", **headers}
    answer = door.ask("POST", "/articles", content=b"Ardania accuses Beloria of it.", headers=told)
    assert answer.status_code == (200 if is_ours else 403)
    assert (door.services.ledger.revision > before) is is_ours
    if not is_ours:
        assert answer.json()["type"] == "urn:polemos:problem:foreign-origin"
        assert door.ask("DELETE", "/articles/x", headers=headers).status_code == 403
        # To look is another matter: a browser keeps the answer from the page.
        assert "access-control-allow-origin" not in door.get("/accusations", headers=headers).headers


def test_a_page_cannot_borrow_a_cookie(opened: Callable[..., Door]) -> None:
    door = opened(CLOSED)
    secret = door.secrets[KeyRole.ADMIN]
    for path in ("/", "/whoami", "/accusations", "/health", "/docs"):
        assert "set-cookie" not in door.get(path, secret).headers
    for cookie in (f"key={secret}", f"Authorization=Bearer {secret}", f"polemos.key={secret}"):
        assert door.get("/accusations", headers={"Cookie": cookie}).status_code == 401


def test_pages_elsewhere_ask_only_where_they_are_named(opened: Callable[..., Door]) -> None:
    door = opened(Access(origins=frozenset({"https://desk.example"}), anonymous=None))
    mine, other = {"Origin": "https://desk.example"}, {"Origin": "https://other.example"}
    answer = door.get("/accusations", KeyRole.READER, headers=mine)
    assert answer.headers["access-control-allow-origin"] == "https://desk.example"
    assert "access-control-allow-credentials" not in answer.headers
    # A refusal can be read there, too.
    assert door.get("/accusations", headers=mine).headers["access-control-allow-origin"] == "https://desk.example"
    wish = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    assert door.ask("OPTIONS", "/decisions", headers={**mine, **wish}).status_code == 200
    assert door.ask("OPTIONS", "/decisions", headers={**other, **wish}).status_code == 400
    assert "access-control-allow-origin" not in door.get("/accusations", KeyRole.READER, headers=other).headers
    posted = door.ask("POST", "/decisions", KeyRole.CURATOR, headers=mine, json=DECIDED)
    assert posted.status_code == 404
    assert door.ask("POST", "/decisions", KeyRole.CURATOR, headers=other, json=DECIDED).status_code == 403


def test_by_default_no_page_elsewhere_reads_anything(opened: Callable[..., Door]) -> None:
    door = opened(LOCAL)
    wish = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    for method in ("GET", "OPTIONS"):
        headers = door.ask(method, "/accusations", headers=wish).headers
        assert not [name for name in headers if name.startswith("access-control")]


# ---- who decides, and who wrote ----


def test_with_a_key_nobody_decides_in_another_name(door: Door) -> None:
    claim = door.get("/claims", KeyRole.READER).json()["claims"][0]["id"]
    asked = {"kind": "retract", "subject": claim, "reason": "because"}
    forged = door.ask("POST", "/decisions", KeyRole.CURATOR, json={**asked, "by": "Ms admin"})
    assert forged.status_code == 403
    assert "Ms curator" in forged.json()["detail"]
    made = door.ask("POST", "/decisions", KeyRole.CURATOR, json=asked).json()["decision"]
    assert made["by"] == "Ms curator"
    undone = {"kind": "undo", "subject": made["id"], "reason": "no"}
    own = door.ask("POST", "/decisions", KeyRole.CURATOR, json={**undone, "by": "Ms curator"})
    assert own.json()["decision"]["by"] == "Ms curator"
    # An admin hands in what somebody without a key decided; the trail says who did.
    for_another = door.ask("POST", "/decisions", KeyRole.ADMIN, json={**asked, "by": "A guest"})
    assert for_another.json()["decision"]["by"] == "A guest"


def test_an_article_is_taken_back_in_the_key_s_name(door: Door) -> None:
    article = door.get("/claims", KeyRole.READER).json()["claims"][0]["evidence"]["article"]
    assert door.ask("DELETE", f"/articles/{article}?by=Ms+admin", KeyRole.CURATOR).status_code == 403
    found = door.ask("DELETE", f"/articles/{article}", KeyRole.CURATOR).json()
    assert found["decision"]["by"] == "Ms curator"


def test_without_a_key_somebody_says_who_decides(opened: Callable[..., Door]) -> None:
    door = opened(LOCAL)
    claim = door.get("/claims").json()["claims"][0]["id"]
    asked = {"kind": "retract", "subject": claim, "reason": "because"}
    assert "say who decides" in door.ask("POST", "/decisions", json=asked).json()["detail"]
    assert door.ask("POST", "/decisions", json={**asked, "by": "Ana"}).json()["decision"]["by"] == "Ana"


def test_every_write_is_in_the_trail_with_who_and_how(opened: Callable[..., Door]) -> None:
    door = opened(LOCAL)
    posted = door.ask("POST", "/articles", KeyRole.CONTRIBUTOR, content=b"Ardania accuses Beloria of it.",
                      headers={"X-Request-ID": "hand-in-1"})  # fmt: skip
    assert posted.json()["added"] == 1
    article = posted.json()["articles"][0]
    door.ask("DELETE", f"/articles/{article}?by=Ana", headers={"X-Request-ID": "take-back-1"})
    found = door.get("/audit", KeyRole.ADMIN).json()
    back, handed = found["audit"][:2]
    assert (back["door"], back["name"], back["key"], back["request"]) == ("http", None, None, "take-back-1")
    assert back["detail"] == {"decision": 1}
    key = door.keys[KeyRole.CONTRIBUTOR]
    assert (handed["name"], handed["key"], handed["request"]) == (key.name, key.id, "hand-in-1")
    assert handed["detail"]["article"] == 1
    assert (back["revision"], handed["revision"]) == (found["revision"], found["revision"] - 1)
    # Keys are in it, too, and the first append came by no door.
    whats = [row["what"] for row in found["audit"]]
    assert whats == ["append", "append", *["key_create"] * 4, "append"]
    assert found["audit"][-1]["door"] == "python"


def test_the_trail_is_read_page_by_page(door: Door) -> None:
    first = door.get("/audit?limit=2", KeyRole.ADMIN).json()
    second = door.get(f"/audit?limit=2&cursor={first['next']}", KeyRole.ADMIN).json()
    third = door.get(f"/audit?limit=2&cursor={second['next']}", KeyRole.ADMIN).json()
    numbers = [row["number"] for page in (first, second, third) for row in page["audit"]]
    assert numbers == [5, 4, 3, 2, 1]
    assert third["next"] is None


# ---- limits ----


def limits(answer: httpx.Response) -> tuple[str, str]:
    return answer.headers["ratelimit-policy"], answer.headers["ratelimit"]


def test_a_key_may_ask_so_often_a_minute(opened: Callable[..., Door], monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("app.web.middleware.time.monotonic", lambda: now)
    door = opened(Access(anonymous=None, per_key=3))
    found = [door.get("/whoami", KeyRole.READER) for _ in range(4)]
    assert [one.status_code for one in found] == [200, 200, 200, 429]
    assert limits(found[0]) == ('"key";q=3;w=60', '"key";r=2;t=20')
    assert limits(found[3]) == ('"key";q=3;w=60', '"key";r=0;t=60')
    assert found[3].headers["retry-after"] == "20"
    assert found[3].headers["content-type"] == "application/problem+json"
    # Others are not held up, and in a third of a minute there is one again.
    assert door.get("/whoami", KeyRole.CURATOR).status_code == 200
    now += 19.9
    assert door.get("/whoami", KeyRole.READER).status_code == 429
    now += 0.2
    assert [door.get("/whoami", KeyRole.READER).status_code for _ in range(2)] == [200, 429]


def test_a_key_made_with_a_number_of_its_own(opened: Callable[..., Door]) -> None:
    door = opened(Access(anonymous=None, per_key=1000), per_minute=2)
    assert [door.get("/whoami", KeyRole.READER).status_code for _ in range(3)] == [200, 200, 429]


def test_strangers_are_counted_by_address(opened: Callable[..., Door]) -> None:
    door = opened(Access(per_address=2))
    assert [door.get("/whoami", address=AWAY).status_code for _ in range(3)] == [200, 200, 429]
    assert door.get("/whoami", address="203.0.113.10").status_code == 200
    # A provider gives a household a whole /64.
    assert [door.get("/whoami", address=f"2001:db8::{n}").status_code for n in range(3)] == [200, 200, 429]
    assert door.get("/whoami", address="2001:db8:0:1::1").status_code == 200
    # This machine itself is not counted.
    assert [door.get("/whoami").status_code for _ in range(5)] == [200] * 5
    assert "ratelimit" not in door.get("/whoami").headers


def test_whoever_tries_keys_is_soon_held_up(opened: Callable[..., Door]) -> None:
    door = opened(Access(anonymous=None, per_address=30))
    secrets = [new_key("x", KeyRole.ADMIN)[1] for _ in range(5)]
    assert [door.get("/whoami", one, address=AWAY).status_code for one in secrets] == [401] * 3 + [429] * 2


def test_as_many_callers_are_remembered_as_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "MOST_BUCKETS", 3)
    buckets = Buckets()
    for n in range(10):
        buckets.take(str(n), 1, 0.0)
    assert len(buckets._levels) == 3
    assert not buckets.take("9", 1, 0.0)[0]
    assert buckets.take("0", 1, 0.0)[0]


def test_what_counts_as_one_caller() -> None:
    assert network_of("203.0.113.9") == "203.0.113.9"
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1") != network_of("2001:db8:0:1::1")
    assert network_of("") == ""
