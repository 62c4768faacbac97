"""A URL in, the bytes it answers out, within limits of size, time and destination. It follows no link in a page."""

from __future__ import annotations

import contextlib
import io
import ipaddress
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.intake.packed import unpacked
from app.vocabulary.errors import BadInput, TooLarge
from app.vocabulary.terms import RefusalReason

if TYPE_CHECKING:
    import httpx

    from app.intake.limits import Limits

_ACCEPT = "text/html, application/xhtml+xml, application/json, application/x-ndjson, text/plain;q=0.9, */*;q=0.1"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_REDIRECTS = {301, 302, 303, 307, 308}


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
    import httpx

    deadline = time.monotonic() + limits.timeout_s
    try:
        # Proxies of the environment would resolve the name themselves, past the check of its address.
        with httpx.Client(timeout=limits.timeout_s, trust_env=limits.allow_private) as client:
            return _follow(client, httpx.URL(url), limits, deadline)
    except httpx.TimeoutException:
        raise _too_slow(limits) from None
    # A bad host name in a redirect comes out of httpx as one of Python's own errors.
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as why:
        message = f"it cannot be fetched: {str(why) or type(why).__name__}; check the address and the connection"
        raise BadInput(RefusalReason.UNREADABLE, message) from None


def _follow(client: httpx.Client, url: httpx.URL, limits: Limits, deadline: float) -> Page:
    for _ in range(limits.max_redirects + 1):
        request = _request(client, url, limits, deadline)
        with contextlib.closing(client.send(request, stream=True)) as answer:
            if answer.status_code in _REDIRECTS and "location" in answer.headers:
                url = url.join(answer.headers["location"])
                continue
            if answer.status_code != 200:
                status = f"{answer.status_code} {answer.reason_phrase}".strip()
                raise BadInput(RefusalReason.UNREADABLE, f"it answered {status}; check the address and who may read it")
            raw = _body(answer, limits, deadline)
            return Page(raw, answer.headers.get("content-type"), shown(str(url.copy_with(fragment=None))))
    raise BadInput(
        RefusalReason.UNREADABLE, f"it redirects more than {limits.max_redirects} times; give the final address"
    )


def _request(client: httpx.Client, url: httpx.URL, limits: Limits, deadline: float) -> httpx.Request:
    if url.scheme not in {"http", "https"} or not url.host:
        raise BadInput(RefusalReason.UNSUPPORTED, f"{url.scheme or 'no'} scheme is not read; only http and https are")
    left = deadline - time.monotonic()
    if left <= 0:
        raise _too_slow(limits)
    # Packed answers are unpacked here, within limits, and not by httpx, which has none.
    headers = {"User-Agent": "polemos", "Accept": _ACCEPT, "Accept-Encoding": "gzip"}
    host = url.raw_host.decode("ascii")
    target = url
    extensions: dict[str, object] = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), left)}
    if not limits.allow_private:
        # The name may resolve to another address a moment later, so it is the checked one that is connected to.
        target = url.copy_with(host=_public_address(host, url.port or (443 if url.scheme == "https" else 80)))
        headers["Host"] = url.netloc.decode("ascii")
        extensions["sni_hostname"] = host
    return client.build_request("GET", target, headers=headers, extensions=extensions)


def _public_address(host: str, port: int) -> str:
    """An address of the host.

    Raises:
        BadInput: One of its addresses is not on the public internet.
    """
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in found:
        if not is_public(address):
            message = f"{host} is an address of this machine or a private network, which is not read for others"
            raise BadInput(RefusalReason.UNREADABLE, message)
    return found[0]


def is_public(address: str) -> bool:
    """True for an address of the public internet, also where IPv6 only wraps one of IPv4."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            ip = inner
    return ip.is_global and not ip.is_multicast


def _body(answer: httpx.Response, limits: Limits, deadline: float) -> bytes:
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
        if time.monotonic() > deadline:
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
