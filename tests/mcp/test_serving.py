"""`polemos mcp` as assistants meet it: a process on standard input and output, and a service on this machine."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp_types import TextResourceContents

from app.curation import Ruling, decision
from app.ledger import Batch, Ledger, SqliteLedger
from app.mcp.tools import TOOLS
from tests.queries.invented import World, invented
from tests.serving import POLEMOS, ROOT, free_port

pytestmark = pytest.mark.processes
SECONDS = 200


@pytest.fixture(scope="module")
def world() -> World:
    return invented()


@pytest.fixture
def ledger(world: World, tmp_path: Path) -> Iterator[Ledger]:
    opened = SqliteLedger(tmp_path / "ledger.sqlite")
    opened.append(world.batch)
    yield opened
    opened.close()


@pytest.fixture
def environment(ledger: SqliteLedger) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POLEMOS_")}
    return {**kept, "POLEMOS_LEDGER": f"sqlite:///{ledger.path}"}


# ---- standard input and output ----


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_client_starts_it_and_asks(ledger: Ledger, environment: dict[str, str], mode: str) -> None:
    async def conversation() -> None:
        server = StdioServerParameters(command=POLEMOS, args=["mcp"], env=environment, cwd=ROOT)
        async with Client(stdio_client(server), mode=mode, read_timeout_seconds=SECONDS) as client:
            assert client.server_info is not None
            assert client.server_info.name == "polemos"
            assert "claim, not a fact" in (client.instructions or "")
            assert [tool.name for tool in (await client.list_tools()).tools] == list(TOOLS)
            before = await client.call_tool("accusations", {"source": "Norland"})
            claim = before.structured_content["claims"][0]["id"]
            # It keeps up with what others write.
            ledger.append(Batch((), [], decisions=[decision(Ruling.RETRACT, claim, by="Ada", reason="x")]))
            after = await client.call_tool("accusations", {"source": "Norland"})
            assert after.structured_content["revision"] == before.structured_content["revision"] + 1
            assert claim not in [row["id"] for row in after.structured_content["claims"]]

    asyncio.run(asyncio.wait_for(conversation(), SECONDS))


def test_nothing_but_the_protocol_goes_to_standard_output(environment: dict[str, str]) -> None:
    questions: list[dict[str, Any]] = [
        {"method": "initialize", "id": 1, "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}},
        {"method": "notifications/initialized"},
        {"method": "tools/list", "id": 2},
        {"method": "tools/call", "id": 3, "params": {"name": "accusations", "arguments": {"limit": 1}}},
        {"method": "tools/call", "id": 4, "params": {"name": "accusations", "arguments": {"limit": 0}}},
        {"method": "resources/read", "id": 5, "params": {"uri": "polemos://claim/none"}},
        {"method": "no/such", "id": 6},
    ]  # fmt: skip
    process = subprocess.Popen(
        [POLEMOS, "mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
        env={**environment, "POLEMOS_LOG_LEVEL": "debug"}, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    answers: dict[int, Any] = {}
    try:
        for question in questions:
            process.stdin.write(json.dumps({"jsonrpc": "2.0", **question}) + "\n")
            process.stdin.flush()
            if "id" in question:
                # Whatever comes is one message of the protocol, and it answers the question just asked.
                answer = json.loads(process.stdout.readline())
                assert answer["jsonrpc"] == "2.0"
                answers[answer["id"]] = answer
        # It ends when whoever started it has had enough.
        rest, _ = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
        process.wait()
    assert rest == ""
    assert process.returncode == 0
    assert sorted(answers) == [1, 2, 3, 4, 5, 6]
    assert answers[1]["result"]["protocolVersion"] == "2025-06-18"
    assert answers[3]["result"]["isError"] is False
    assert answers[3]["result"]["structuredContent"]["claims"][0]["evidence"]["quote"]
    assert answers[4]["result"]["isError"] is True
    assert "no claim has the id" in answers[5]["error"]["message"]
    assert "error" in answers[6]


def test_a_ledger_that_is_none_is_told_on_standard_error(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "no.sqlite").write_text("This is a text. " * 400, encoding="utf-8")
    environment["POLEMOS_LEDGER"] = f"sqlite:///{tmp_path / 'no.sqlite'}"
    done = subprocess.run(
        [POLEMOS, "mcp"], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment, cwd=ROOT,
        timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("polemos: ")
    assert "Traceback" not in done.stderr


def test_without_the_package_it_says_what_to_install(tmp_path: Path, environment: dict[str, str]) -> None:
    for name in ("mcp", "mcp_types"):
        (tmp_path / f"{name}.py").write_text(f"raise ModuleNotFoundError('no {name}', name={name!r})", encoding="utf-8")
    program = "import sys; sys.argv = ['polemos', 'mcp']; from app.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, stdin=subprocess.DEVNULL,
        env={**environment, "PYTHONPATH": str(tmp_path)}, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'polemos[mcp]'" in done.stderr


# ---- HTTP ----


@contextmanager
def served(environment: Mapping[str, str], *options: str) -> Iterator[str]:
    """The address of `polemos mcp --http` in a process of its own."""
    port = free_port()
    command = [POLEMOS, "mcp", "--http", f"127.0.0.1:{port}", *options]
    process = subprocess.Popen(command, cwd=ROOT, env=dict(environment), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        assert "http://127.0.0.1" in line, line + process.stderr.read()
        url = f"http://127.0.0.1:{port}/mcp"
        for _ in range(SECONDS * 5):
            try:
                httpx.get(url, timeout=SECONDS, trust_env=False)
                break
            except httpx.TransportError:
                assert process.poll() is None, process.stderr.read()
                asyncio.run(asyncio.sleep(0.2))
        yield url
    finally:
        process.terminate()
        process.wait(60)
    assert process.returncode == 0


INITIALIZE = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}  # fmt: skip
ACCEPT = {"Accept": "application/json, text/event-stream"}


def posted(url: str, **headers: str) -> httpx.Response:
    return httpx.post(url, json=INITIALIZE, headers={**ACCEPT, **headers}, timeout=60, trust_env=False)


def test_a_client_asks_over_http(ledger: Ledger, environment: dict[str, str]) -> None:
    async def conversation(url: str, mode: str) -> int:
        async with Client(url, mode=mode, read_timeout_seconds=SECONDS) as client:
            assert [tool.name for tool in (await client.list_tools()).tools] == list(TOOLS)
            found = await client.call_tool("denials", {"source": "Sudria"})
            assert found.structured_content["claims"]
            (content,) = (await client.read_resource("polemos://guide")).contents
            assert isinstance(content, TextResourceContents)
            assert content.text.startswith("# How to read claims")
            refused = await client.call_tool("denials", {"source": "Nowhere"})
            assert refused.is_error
            return int(found.structured_content["revision"])

    with served(environment) as url:
        before = asyncio.run(asyncio.wait_for(conversation(url, "auto"), SECONDS))
        ledger.append(Batch((), [], decisions=[decision(Ruling.RETRACT, "clm-none", by="Ada", reason="x")]))
        assert asyncio.run(asyncio.wait_for(conversation(url, "legacy"), SECONDS)) == before + 1


def test_pages_and_names_from_elsewhere_get_nothing(environment: dict[str, str]) -> None:
    with served(environment) as url:
        assert posted(url).status_code == 200
        assert posted(url, Host="polemos.evil.test").status_code == 421
        assert posted(url, Origin="https://evil.test").status_code == 403
        assert posted(url, Authorization="Bearer polemos_no").status_code == 401
        assert httpx.get(url.removesuffix("mcp"), timeout=60, trust_env=False).status_code == 404
        for method in ("GET", "DELETE"):
            assert httpx.request(method, url, headers=ACCEPT, timeout=60, trust_env=False).status_code == 405
        answer = posted(url)
        assert answer.json()["result"]["serverInfo"]["name"] == "polemos"
        assert answer.headers["x-content-type-options"] == "nosniff"
        large = httpx.post(url, content=b" " * 1_100_000, headers={**ACCEPT, "Content-Type": "application/json"},
                           timeout=60, trust_env=False)  # fmt: skip
        assert large.status_code == 413


def test_where_a_key_is_needed_none_reads_without(environment: dict[str, str]) -> None:
    made = subprocess.run(
        [POLEMOS, "keys", "create", "Reader", "--role", "reader"], capture_output=True, text=True, cwd=ROOT,
        env=environment, timeout=SECONDS, check=True,
    )  # fmt: skip
    (key,) = [word for word in made.stdout.split() if word.startswith("polemos_")]
    with served({**environment, "POLEMOS_ALLOW_ANONYMOUS": "none"}) as url:
        refused = posted(url)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert refused.headers["content-type"].startswith("application/problem+json")
        assert posted(url, Authorization=f"Bearer {key}").status_code == 200


def test_it_does_not_listen_to_others_without_any_key(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [POLEMOS, "mcp", "--http", f"0.0.0.0:{free_port()}"], capture_output=True, text=True, cwd=ROOT,
        env=environment, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "nobody has a key" in done.stderr


@pytest.mark.parametrize("address", ["8001", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", ":8001"])
def test_an_address_needs_a_port(environment: dict[str, str], address: str) -> None:
    done = subprocess.run(
        [POLEMOS, "mcp", "--http", address], capture_output=True, text=True, cwd=ROOT, env=environment,
        timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "--http takes an address and a port" in done.stderr
