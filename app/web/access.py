"""A request in, who asks and what they may do out: API keys, roles, known hosts and origins, and how often.

The policy is one frozen value (`Access`); the outermost layer (`app.web.middleware`) holds every request against it,
and each route says which role it needs (`needs`). A service that listens on this machine only needs no key; one that
others can reach does. Whoever can read or write the ledger's file or database needs none of this.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import Scope

from app.ledger import Key, KeyRole, Ledger
from app.ledger.keys import KEY, opens
from app.settings import Settings

REALM = 'Bearer realm="polemos"'
KEYS_SECONDS = 1.0
"""How long keys that were read are taken for the newest ones: a revoked key opens nothing any more after that."""
UNKNOWN_SECONDS = 0.2
"""How often at most they are read anew because of a key that is not among them."""
MOST_BUCKETS = 10_000
"""Callers whose requests are counted at once; the one heard of longest ago is forgotten first."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PROXIED = (b"x-forwarded-for", b"forwarded", b"x-real-ip")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may do what. As it stands here, whoever can call the application may do everything: a test, a notebook.

    Attributes:
        anonymous: What may be done without a key; None for nothing.
        is_local_only: Whether that is so for this machine alone: its own address, and no proxy between.
        hosts: Names under which the service may be addressed, without port; None for any. This keeps a page elsewhere
            from reaching it through a name of its own that leads here (DNS rebinding).
        origins: Origins of pages elsewhere that may ask (CORS) and write.
        per_key: Requests a minute with a key that says nothing else; 0 for no limit.
        per_address: The same without a key, for each address; this machine's own is not counted.
    """

    anonymous: KeyRole | None = KeyRole.ADMIN
    is_local_only: bool = False
    hosts: frozenset[str] | None = None
    origins: frozenset[str] = frozenset()
    per_key: int = 0
    per_address: int = 0

    @classmethod
    def from_settings(cls, settings: Settings) -> Access:
        """What the settings say; see `POLEMOS_ALLOW_ANONYMOUS`, `POLEMOS_ALLOWED_HOSTS` and the others."""
        said = settings.allow_anonymous
        is_local = is_loopback(settings.host)
        usual = "admin" if is_local else "none"
        role = usual if said is None else said
        if settings.allowed_hosts:
            hosts = None if "*" in settings.allowed_hosts else frozenset(settings.allowed_hosts)
        else:
            hosts = frozenset({"localhost", settings.host.lower()}) if is_local else None
        return cls(
            anonymous=KeyRole(role) if role != "none" else None,
            is_local_only=said is None,
            hosts=hosts,
            origins=frozenset(settings.cors_origins),
            per_key=settings.rate_per_key,
            per_address=settings.rate_per_address,
        )

    def knows_host(self, host: bytes | None) -> bool:
        """Whether the service may be addressed by this `Host` header."""
        return self.hosts is None or (host is not None and _is_among(host, self.hosts))

    def trusts_origin(self, headers: Mapping[bytes, bytes]) -> bool:
        """Whether a request that may change something comes from a page of ours, or from no page at all."""
        origin = headers.get(b"origin")
        if origin is None:
            # Old browsers say neither; they send no JSON to another site without asking first, either.
            return headers.get(b"sec-fetch-site", b"none") in (b"same-origin", b"none")
        return origin.decode("latin-1") in self.origins or _is_same_site(origin, headers.get(b"host", b""))


@dataclass(slots=True)
class Caller:
    """Who asks.

    Attributes:
        role: What they may do; None for nothing.
        key: The key that was shown.
        address: Where they ask from.
        is_local: Whether that is this machine, with nobody between.
    """

    role: KeyRole | None
    key: Key | None
    address: str
    is_local: bool

    @property
    def name(self) -> str | None:
        """The key's name."""
        return self.key.name if self.key is not None else None


class Keyring:
    """The ledger's keys, read anew every second while somebody shows one."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._keys: dict[str, Key] = {}
        self._read_at = -math.inf

    async def good(self, secret: str) -> Key | None:
        """The key whose secret this is, where it opens anything.

        Raises:
            LedgerError: The ledger cannot be asked; nobody is let in on an old answer.
        """
        shape = KEY.fullmatch(secret)
        public = shape[1] if shape is not None else ""
        age = time.monotonic() - self._read_at
        if age > KEYS_SECONDS or (shape is not None and public not in self._keys and age > UNKNOWN_SECONDS):
            began = time.monotonic()
            self._keys = {key.id: key for key in await run_in_threadpool(self._ledger.api_keys)}
            self._read_at = began
        key = self._keys.get(public)
        return key if opens(key, secret) and key is not None and key.is_good(datetime.now(UTC)) else None


class Buckets:
    """A token bucket for each caller, which holds a minute's requests and fills as the minute goes by."""

    def __init__(self) -> None:
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, per_minute: int, now: float, cost: float = 1.0) -> tuple[bool, float, float]:
        """Take a request's worth out of a bucket.

        Returns:
            Whether there was as much in it, how many requests are left, and seconds until there is one again.
        """
        level, since = self._levels.get(name, (float(per_minute), now))
        rate = per_minute / 60
        level = min(float(per_minute), level + (now - since) * rate)
        is_enough = level >= cost
        level -= cost if is_enough else 0.0
        self._levels[name] = level, now
        self._levels.move_to_end(name)
        if len(self._levels) > MOST_BUCKETS:
            self._levels.popitem(last=False)
        return is_enough, level, max(0.0, (cost - level) / rate)


class Needs:
    """A route's dependency that lets in whoever has a role."""

    def __init__(self, role: KeyRole, unless: Callable[[Request], bool] | None = None) -> None:
        """Take the role; requests of which `unless` is true are let in without (those for a page's own files)."""
        self.role = role
        self._unless = unless

    async def __call__(self, request: Request) -> None:
        """Raises a problem (401 or 403) where the caller may not."""
        caller: Caller = request.scope["polemos.caller"]
        if caller.role is not None and caller.role.covers(self.role):
            return
        if self._unless is not None and self._unless(request):
            return
        if caller.key is None:
            words = f"this needs a key of the role {self.role}; show one as Authorization: Bearer …"
            raise HTTPException(401, words, {"WWW-Authenticate": REALM})
        words = f"this needs the role {self.role}, and the key {caller.key.id} has the role {caller.key.role}"
        told = f'{REALM}, error="insufficient_scope", scope="{self.role}"'
        raise HTTPException(403, words, {"WWW-Authenticate": told})


def needs(role: KeyRole, unless: Callable[[Request], bool] | None = None) -> Any:  # noqa: ANN401 (FastAPI's own)
    """Says at a route which role it needs, for its `dependencies`."""
    return Depends(Needs(role, unless))


READ = [needs(KeyRole.READER)]
CONTRIBUTE = [needs(KeyRole.CONTRIBUTOR)]
CURATE = [needs(KeyRole.CURATOR)]
ADMINISTER = [needs(KeyRole.ADMIN)]


def caller_of(request: Request) -> Caller:
    """Who asks (a FastAPI dependency)."""
    found: Caller = request.scope["polemos.caller"]
    return found


def caller_from(scope: Scope, headers: Mapping[bytes, bytes], access: Access) -> Caller:
    """Whoever shows no key."""
    client, server = scope.get("client"), scope.get("server")
    address = client[0] if client else ""
    is_local = is_loopback(address) and not any(name in headers for name in _PROXIED)
    # A service that listens on other addresses, too, is local only to whoever came in by its own.
    if is_local and access.is_local_only:
        is_local = server is not None and is_loopback(server[0])
    role = access.anonymous if is_local or not access.is_local_only else None
    return Caller(role, None, address, is_local)


def signer(caller: Caller, said: str | None) -> str | None:
    """Under whose name something is decided: the key's, whatever was said; an admin may decide for others.

    Raises:
        HTTPException: 403, where somebody else was named.
    """
    if caller.key is None or said is None or said.strip() == caller.key.name or caller.role is KeyRole.ADMIN:
        return said if caller.key is None else (said or caller.key.name)
    words = f"with this key decisions are by {caller.key.name}; leave out `by`, or name nobody else"
    raise HTTPException(403, words, {"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="admin"'})


@lru_cache(4096)
def is_loopback(host: str) -> bool:
    """Whether a host is this machine for itself: `localhost`, 127.0.0.0/8 or ::1."""
    if host == "localhost":
        return True
    try:
        found = ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return (mapped or found).is_loopback


@lru_cache(4096)
def network_of(address: str) -> str:
    """What is counted as one caller: an IPv4 address, or the /64 that a holder of IPv6 addresses has of his own."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(found) if found.version == 4 else found.exploded[:19]


@lru_cache(4096)
def _is_among(host: bytes, hosts: frozenset[str]) -> bool:
    name = _name_of(host.decode("latin-1"))
    return name in hosts or (("localhost" in hosts) and (is_loopback(name) or name.endswith(".localhost")))


@lru_cache(4096)
def _is_same_site(origin: bytes, host: bytes) -> bool:
    # The scheme is not compared: a proxy that ends TLS asks us in plain HTTP.
    try:
        parts = urlsplit(origin.decode("latin-1"))
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https"):
        return False
    usual = {"http": 80, "https": 443}[parts.scheme]
    name, _, number = host.decode("latin-1").lower().rpartition(":")
    if not number.isdecimal() or not name or name.endswith(":"):
        name, number = host.decode("latin-1").lower(), ""
    own = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return own == name and (port or usual) == (int(number) if number else usual)


def _name_of(host: str) -> str:
    """A Host header without its port; an IPv6 address keeps no brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower().rstrip(".")
