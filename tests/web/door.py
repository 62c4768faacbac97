"""An application that asks for keys in, requests from wherever they come out: without a network, in one event loop."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import httpx

from app.ledger import Key, KeyRole
from app.ledger.keys import new_key
from app.web import Services, create_app
from app.web.access import Access

AWAY = "203.0.113.9"
"""An address of others."""
CLOSED = Access(anonymous=None)
"""As on an address that others can reach."""
LOCAL = Access(is_local_only=True, hosts=frozenset({"localhost", "127.0.0.1"}), per_key=600, per_address=300)
"""As on this machine's own."""


class Door:
    """Asks an application."""

    def __init__(self, services: Services, access: Access, **keys: Any) -> None:
        services.access = access
        self.services = services
        self.app = create_app(services)
        self._runner = asyncio.Runner()
        self.secrets: dict[KeyRole, str] = {}
        self.keys: dict[KeyRole, Key] = {}
        for role in KeyRole:
            self.keys[role], self.secrets[role] = new_key(f"Ms {role}", role, **keys)
            services.ledger.keep_key(self.keys[role])

    def ask(
        self,
        method: str,
        path: str,
        key: KeyRole | str | None = None,
        *,
        address: str = "127.0.0.1",
        base: str = "http://127.0.0.1:8000",
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        secret = self.secrets[key] if isinstance(key, KeyRole) else key
        told = {"Authorization": f"Bearer {secret}"} if secret is not None else {}

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 4321))
            async with httpx.AsyncClient(transport=transport, base_url=base) as client:
                return await client.request(method, path, headers={**told, **(headers or {})}, **more)

        return self._runner.run(asked())

    def get(self, path: str, key: KeyRole | str | None = None, **more: Any) -> httpx.Response:
        return self.ask("GET", path, key, **more)

    def revoke(self, role: KeyRole) -> None:
        self.services.ledger.keep_key(replace(self.keys[role], revoked_at="2031-05-04T10:00:00+00:00"))

    def close(self) -> None:
        self._runner.close()
