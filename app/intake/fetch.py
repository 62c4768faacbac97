"""A URL in, the bytes it answers out, within limits of size, time and destination. It follows no link in a page."""

from __future__ import annotations

import contextlib
import io
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

from app.intake.packed import unpacked
from app.vocabulary.errors import BadInput, TooLarge
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    import httpx

    from app.intake.limits import Limits

_ACCEPT = "text/html, application/xhtml+xml, application/json, application/x-ndjson, text/plain;q=0.9, */*;q=0.1"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# RFC 4291, 2.5.5.1 (deprecated): an IPv4 address in the last four bytes.
_COMPATIBLE = ipaddress.ip_network("::/96")
# RFC 5214, 6.1: what comes before the IPv4 address in the second half of an ISATAP address, local or not.
_ISATAP = {0x00005EFE, 0x02005EFE}
# Ports of services that take HTTP for commands of their own: the "bad ports" of the WHATWG Fetch standard, 2.9, and
# those of Redis and Memcached.
_OTHER_SERVICES = frozenset(
    map(
        int,
        "0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 "
        "123 135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 "
        "990 993 995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6379 6566 6665 6666 6667 6668 6669 6679 6697 "
        "10080 11211".split(),
    )
)
_REDIRECTS = {301, 302, 303, 307, 308}
_MOVED = {301, 308}
AGENT = "polemos"
"""How it names itself to servers, and finds itself in their robots.txt."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a URL answered.

    Attributes:
        raw: The body, unpacked where it was sent packed.
        content_type: The header of that name, or None.
        url: The address it was read from at last, without credentials and fragment.
    """

    raw: bytes
    content_type: str | None
    url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a URL answered, whatever its status.

    Attributes:
        status: The HTTP status, redirects followed.
        reason: The words that came with it; may be empty.
        headers: Its headers, names in lower case.
        raw: The body, unpacked where it was sent packed; empty where the status is not 200.
        url: The address it was read from at last, without credentials and fragment.
        moved: Where the address that was asked for has moved for good (301, 308), or None.
    """

    status: int
    reason: str
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""
    url: str = ""
    moved: str | None = None


Resolver: TypeAlias = Callable[[str, int], list[str]]
"""A host name and port to the IP addresses it stands for; raises OSError where there are none."""


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host, as this machine looks them up; numbers in any spelling are addresses, too."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class PrivateAddress(BadInput):
    """It leads to this machine or a private network, and must not."""

    def __init__(self, host: str) -> None:
        message = (
            f"{host} is an address of this machine or a private network, which is not read; where it may be, set "
            "POLEMOS_ALLOW_PRIVATE=yes"
        )
        super().__init__(RefusalReason.UNREADABLE, message)


def shown(url: str) -> str:
    """The URL as it may be printed and stored: without the user and password that it may hold."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}" if mark else url


def fetch(url: str, limits: Limits) -> Page:
    """What the URL answers.

    Raises:
        BadInput: It cannot be had or leads where it must not (`unreadable`), is of another scheme (`unsupported`),
            or answers too much (`too_large`).
    """
    answer = ask(url, limits)
    if answer.status != 200:
        status = f"{answer.status} {answer.reason}".strip()
        raise BadInput(RefusalReason.UNREADABLE, f"it answered {status}; check the address and who may read it")
    return Page(answer.raw, answer.headers.get("content-type"), answer.url)


def ask(
    url: str,
    limits: Limits,
    *,
    headers: Mapping[str, str] | None = None,
    before: Callable[[str], None] | None = None,
    resolve: Resolver = resolved,
) -> Answer:
    """What the URL answers, whatever the status; redirects are followed within the limits.

    Where private addresses are not allowed, a name is looked up once for each request, every address that comes of it
    must be public, and the connection is made to one of these very addresses: a second look-up, which could answer
    otherwise, is not made.

    Args:
        url: What to ask for.
        limits: Bounds on size, time and destination.
        headers: What to ask beside the usual, such as If-None-Match.
        before: Called with each address about to be asked, redirects included; it may wait, and what it raises ends
            the asking. The time it takes does not count.
        resolve: Looks names up where private addresses are not allowed.

    Raises:
        BadInput: There was no answer, or it is refused: see `fetch`.
    """
    import httpx

    clock = _Clock(limits)
    try:
        # Proxies of the environment would resolve the name themselves, past the check of its address.
        # No connection is kept: one to the same address would be taken for another host, whose certificate it lacks.
        with httpx.Client(
            timeout=limits.timeout_s,
            trust_env=limits.allow_private,
            limits=httpx.Limits(max_keepalive_connections=0),
        ) as client:
            return _Asking(client, limits, clock, dict(headers or {}), before, resolve).follow(httpx.URL(url))
    except httpx.TimeoutException:
        raise _too_slow(limits) from None
    # A bad host name in a redirect comes out of httpx as one of Python's own errors.
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as why:
        message = f"it cannot be fetched: {str(why) or type(why).__name__}; check the address and the connection"
        raise BadInput(RefusalReason.UNREADABLE, message) from None


class _Clock:
    """The time that is left for an answer."""

    def __init__(self, limits: Limits) -> None:
        self._end = time.monotonic() + limits.timeout_s

    def left(self) -> float:
        return self._end - time.monotonic()

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """Time that passes meanwhile does not count."""
        start = time.monotonic()
        try:
            yield
        finally:
            self._end += time.monotonic() - start


@dataclass(frozen=True, slots=True)
class _Asking:
    """One question, redirects included."""

    client: httpx.Client
    limits: Limits
    clock: _Clock
    headers: dict[str, str]
    before: Callable[[str], None] | None
    resolve: Resolver

    def follow(self, url: httpx.URL) -> Answer:
        moved: str | None = None
        for_good = True
        for _ in range(self.limits.max_redirects + 1):
            if self.before is not None:
                with self.clock.stopped():
                    self.before(str(url))
            with contextlib.closing(self.send(url)) as answer:
                if answer.status_code in _REDIRECTS and "location" in answer.headers:
                    url = url.join(answer.headers["location"])
                    for_good = for_good and answer.status_code in _MOVED
                    moved = str(url) if for_good else moved
                    continue
                raw = _body(answer, self.limits, self.clock) if answer.status_code == 200 else b""
                at_last = shown(str(url.copy_with(fragment=None)))
                names = {name.lower(): value for name, value in answer.headers.items()}
                return Answer(answer.status_code, answer.reason_phrase, names, raw, at_last, moved)
        raise BadInput(
            RefusalReason.UNREADABLE,
            f"it redirects more than {self.limits.max_redirects} times; give the final address",
        )

    def send(self, url: httpx.URL) -> httpx.Response:
        """The answer's beginning, from the first of the host's addresses that can be connected to."""
        import httpx

        if url.scheme not in {"http", "https"} or not url.host:
            message = f"{url.scheme or 'no'} scheme is not read; only http and https are"
            raise BadInput(RefusalReason.UNSUPPORTED, message)
        # Packed answers are unpacked here, within limits, and not by httpx, which has none.
        headers = {"User-Agent": AGENT, "Accept": _ACCEPT, "Accept-Encoding": "gzip"} | self.headers
        if self.limits.allow_private:
            return self._sent(url, headers, {})
        host = url.raw_host.decode("ascii")
        headers["Host"] = url.netloc.decode("ascii")
        port = url.port if url.port is not None else {"http": 80, "https": 443}[url.scheme]
        addresses = _public_addresses(host, port, self.looked_up)
        for address in addresses[:-1]:
            with contextlib.suppress(httpx.ConnectError):
                return self._sent(url.copy_with(host=address), headers, {"sni_hostname": host})
        return self._sent(url.copy_with(host=addresses[-1]), headers, {"sni_hostname": host})

    def looked_up(self, host: str, port: int) -> list[str]:
        """The addresses of a host, in the time that is left; the system's own patience may last longer."""
        found: SimpleQueue[list[str] | Exception] = SimpleQueue()

        def look_up() -> None:
            try:
                found.put(self.resolve(host, port))
            except Exception as why:  # raised anew by who waits for it
                found.put(why)

        # A look-up cannot be broken off; one that takes longer ends by itself, and nothing waits for it.
        threading.Thread(target=look_up, name="look-up", daemon=True).start()
        try:
            answer = found.get(timeout=max(self.clock.left(), 0.0))
        except Empty:
            raise _too_slow(self.limits) from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _sent(self, url: httpx.URL, headers: dict[str, str], more: dict[str, object]) -> httpx.Response:
        left = self.clock.left()
        if left <= 0:
            raise _too_slow(self.limits)
        extensions = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), left)} | more
        request = self.client.build_request("GET", url, headers=headers, extensions=extensions)
        return self.client.send(request, stream=True)


def _public_addresses(host: str, port: int, resolve: Resolver) -> list[str]:
    """The addresses of the host.

    Raises:
        PrivateAddress: One of its addresses is not on the public internet.
        BadInput: The port is that of another sort of service (`unsupported`).
    """
    if port in _OTHER_SERVICES:
        raise BadInput(RefusalReason.UNSUPPORTED, f"port {port} is not one of the web; correct the address")
    found = list(dict.fromkeys(resolve(host, port)))
    if not found:
        raise OSError(f"{host} has no address")
    if not all(map(is_public, found)):
        raise PrivateAddress(host)
    return found


def leads_home(url: str) -> bool:
    """True where a URL's host is this machine or a private network, or nobody here can tell: a proxy asks for it.

    Whoever names such a URL may be led on within that network; whoever names a public one must not be led into it.
    """
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        proxies = getproxies()
        if (parts.scheme in proxies or "all" in proxies) and not proxy_bypass(host):
            return True
        return not all(map(is_public, resolved(host, parts.port or 80)))
    except (OSError, ValueError):
        return False


def is_public(address: str) -> bool:
    """True for an address of the public internet, also where IPv6 only wraps one of IPv4."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        last = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64 or ip in _COMPATIBLE:
            inner = last
        if inner is not None:
            ip = inner
        elif ip.is_site_local or ((int(ip) >> 32) & 0xFFFFFFFF in _ISATAP and not is_public(str(last))):
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_unspecified or ip.is_loopback or ip.is_link_local)


def _body(answer: httpx.Response, limits: Limits, clock: _Clock) -> bytes:
    stated = answer.headers.get("content-length", "")
    if stated.isdecimal() and int(stated[:20]) > limits.max_bytes:
        raise _too_much(limits)
    parts = []
    size = 0
    for part in answer.iter_raw():
        parts.append(part)
        size += len(part)
        if size > limits.max_bytes:
            raise _too_much(limits)
        if clock.left() < 0:
            raise _too_slow(limits)
    raw = b"".join(parts)
    packing = answer.headers.get("content-encoding", "identity").strip().lower()
    if packing in {"gzip", "x-gzip"} and raw:
        raw = unpacked(io.BytesIO(raw), limits).read(limits.max_bytes + 1)
        if len(raw) > limits.max_bytes:
            raise _too_much(limits)
    elif packing not in {"identity", ""} and raw:
        raise BadInput(RefusalReason.UNREADABLE, f"it answered packed as {packing[:40]!r}, which was not asked for")
    return raw


def _too_slow(limits: Limits) -> BadInput:
    message = (
        f"it did not answer in full within {limits.timeout_s:g} seconds; try again, or save the page and hand it in"
    )
    return BadInput(RefusalReason.UNREADABLE, message)


def _too_much(limits: Limits) -> TooLarge:
    return TooLarge(f"it answers more than {limits.max_bytes:,} bytes; save it and hand in its articles")
