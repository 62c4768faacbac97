"""The service under load: requests a second, and how late the last hundredth is, with one worker and with two.

`python -m tests.benchmarks.http LEDGER [--seconds 8] [--requests 100000] [--json FILE]`. In: a ledger (copied where it
is written to) and `wrk` from the machine's packages. Out: for each of five questions, drawn over the data, the rate at
rest and while another process appends articles; and the rate of answers of 100 rows beside the same route declared with
FastAPI's `response_model`. Every answer that is no success counts as an error; requests go on until there were so many.

The five are what the page and its users ask most: a pair's accusations, a thread, an actor, the picture around an
actor, and an incident with its table of attribution.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from urllib.parse import urlencode

import httpx
import msgspec

from tests.serving import Service, free_port, serving

if TYPE_CHECKING:
    from fastapi import FastAPI

ROOT = Path(__file__).resolve().parents[2]
SEED = 18
START_SECONDS = 600
CONNECTIONS = 16
DRAWN = 200
ROWS = 100
ROUNDS = 8

# wrk asks for the paths of a file in turn, and tells what came of it as JSON.
SCRIPT = """
local paths, at = {}, 0
function init(args)
  for line in io.lines(args[1]) do paths[#paths + 1] = wrk.format("GET", line) end
end
function request()
  at = at % #paths + 1
  return paths[at]
end
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('RESULT {"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "bytes": %d, ' ..
    '"errors": %d}\\n', summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, summary.bytes, e.connect + e.read + e.write + e.status + e.timeout))
end
"""


class Load(msgspec.Struct, frozen=True):
    """What wrk tells of one run."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    bytes: int
    errors: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


class HttpRow(msgspec.Struct, frozen=True):
    """One question under one condition."""

    question: str
    workers: int
    condition: str
    rate: float
    p50_ms: float
    p99_ms: float
    kilobytes: float


class Modelled(msgspec.Struct, frozen=True):
    """Answers of so many rows, beside the same through `response_model`: medians of rounds in turn, and their ratio.

    Attributes:
        condition: Whether an answer was given before at this revision, so that it need not be made again.
    """

    question: str
    condition: str
    rate: float
    modelled_rate: float
    ratio: float


class HttpResult(msgspec.Struct, frozen=True):
    """All of it.

    Attributes:
        errors: Answers that were no success, and connections that broke.
    """

    rows: list[HttpRow]
    modelled: list[Modelled]
    requests: int
    errors: int


def absent() -> str | None:
    """Why it cannot be measured here; None where it can."""
    return None if shutil.which("wrk") else "wrk is not installed (Debian: apt-get install wrk)"


def questions(client: httpx.Client) -> dict[str, list[str]]:
    """Paths of the five questions, drawn over what the service holds."""
    draw = random.Random(SEED)

    def got(path: str, **given: str) -> Any:
        answer = client.get(path, params=given)
        answer.raise_for_status()
        return answer.json()

    cells = got("/matrix", kind="accuses", top="200")["cells"]
    draw.shuffle(cells)
    pairs = [(cell["source"], cell["target"]) for cell in cells[:DRAWN]]
    denials = got("/denials", limit="500")["claims"]
    draw.shuffle(denials)
    incidents = got("/incidents", limit="500")["incidents"]
    draw.shuffle(incidents)
    names = list(dict.fromkeys(one for pair in pairs for one in pair))
    days = {"since": "2018-03-01", "until": "2018-06-30"} if pairs else {}
    return {
        "/accusations?source&target": [
            "/accusations?" + urlencode({"source": a, "target": b, **days}) for a, b in pairs
        ],
        "/threads/{claim}": [f"/threads/{one['id']}" for one in denials[:DRAWN]],
        "/actors/{id}": [f"/actors/{one}" for one in names],
        "/subgraph?actor": ["/subgraph?" + urlencode({"actor": one}) for one in names],
        "/incidents/{id}": [f"/incidents/{one['id']}" for one in incidents[:DRAWN]],
    }


def wrk(address: str, paths: Sequence[str], seconds: float, connections: int = CONNECTIONS) -> Load:
    """Ask for these paths in turn, on so many connections at once."""
    with tempfile.TemporaryDirectory() as name:
        script, file = Path(name) / "ask.lua", Path(name) / "paths.txt"
        script.write_text(SCRIPT, encoding="utf-8")
        file.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
        words = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{max(1, round(seconds))}s",
            "--timeout",
            "60s",
            "-s",
            str(script),
        ]
        done = subprocess.run([*words, address, "--", str(file)], capture_output=True, text=True, check=True)
    told = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    return msgspec.json.decode(told.removeprefix("RESULT "), type=Load)


class _Counted:
    """wrk, with what it has asked so far."""

    def __init__(self) -> None:
        self.requests = self.errors = 0

    def ask(self, address: str, paths: Sequence[str], seconds: float) -> Load:
        found = wrk(address, paths, seconds)
        self.requests += found.requests
        self.errors += found.errors
        return found


@contextmanager
def _writing(url: str, folder: Path) -> Iterator[None]:
    """Another process appends an article four times a second."""
    words = [sys.executable, "-m", "tests.benchmarks.during_writes", str(folder), "--write", url, "--seconds", "3600"]
    writer = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        time.sleep(2)
        yield
    finally:
        writer.terminate()
        writer.wait(60)


def _warm(service: Service, paths: Mapping[str, Sequence[str]]) -> None:
    for asked in paths.values():
        wrk(service.url, asked, 1)


def measure(
    ledger: Path,
    *,
    seconds: float = 8,
    requests: int = 100_000,
    rounds: int = ROUNDS,
    workers: Sequence[int] = (1, 2),
    say: Callable[[str], None] = lambda _: None,
) -> HttpResult:
    """Serve a copy of the ledger and ask."""
    counted, rows = _Counted(), list[HttpRow]()
    with tempfile.TemporaryDirectory(dir=ledger.parent if os.access(ledger.parent, os.W_OK) else None) as name:
        copy = Path(name) / "ledger.sqlite"
        shutil.copy(ledger, copy)
        kept = ledger.with_name(f"{ledger.name}.snapshots")
        if kept.is_dir():
            shutil.copytree(kept, copy.with_name(f"{copy.name}.snapshots"))
        url = f"sqlite:///{copy}"
        # A load like this is what the limits are for.
        free = {"POLEMOS_RATE_PER_ADDRESS": "0", "POLEMOS_RATE_PER_KEY": "0"}
        environment = {**os.environ, **free, "POLEMOS_LEDGER": url}
        modelled = _beside_response_model(environment, seconds, rounds, counted, say)
        for number in workers:
            options = ("--workers", str(number))
            with serving(*options, environment=environment, seconds=START_SECONDS) as service:
                with httpx.Client(base_url=service.url, timeout=START_SECONDS, trust_env=False) as client:
                    paths = questions(client)
                _warm(service, paths)
                rows += _rows(service, paths, number, "at rest", seconds, counted, say)
                with _writing(url, Path(name)):
                    rows += _rows(service, paths, number, "while articles come in", seconds, counted, say)
                while number == workers[-1] and counted.requests < requests:
                    for asked in paths.values():
                        counted.ask(service.url, asked, seconds)
    return HttpResult(rows, modelled, counted.requests, counted.errors)


def _rows(
    service: Service,
    paths: Mapping[str, Sequence[str]],
    workers: int,
    condition: str,
    seconds: float,
    counted: _Counted,
    say: Callable[[str], None],
) -> list[HttpRow]:
    found = []
    for question, asked in paths.items():
        one = counted.ask(service.url, asked, seconds)
        size = one.bytes / max(one.requests, 1) / 1000
        found.append(HttpRow(question, workers, condition, one.rate, one.p50_ms, one.p99_ms, size))
        told = f"{one.rate:,.0f}/s, p99 {one.p99_ms:.0f} ms, {one.errors} errors"
        say(f"  {workers} worker(s), {condition}: {question} {told}")
    return found


# ---- beside response_model ----


def pydantic_of(kind: type[msgspec.Struct]) -> type[Any]:
    """The pydantic model with the fields of a record, and of all records in it."""
    from pydantic import create_model

    made: dict[type[msgspec.Struct], type[Any]] = {}

    def of(annotation: Any) -> Any:
        if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
            if annotation not in made:
                hints = get_type_hints(annotation)
                fields: dict[str, Any] = {
                    field.name: (of(hints[field.name]), ... if field.required else field.default)
                    for field in msgspec.structs.fields(annotation)
                }
                made[annotation] = create_model(annotation.__name__, **fields)
            return made[annotation]
        arguments = get_args(annotation)
        if not arguments or get_origin(annotation) is Literal:
            return annotation
        inner = tuple(of(one) for one in arguments)
        if get_origin(annotation) in (Union, UnionType):
            return Union[inner]  # noqa: UP007 # made at run time
        origin: Any = get_origin(annotation)
        return origin[inner]

    found: type[Any] = of(kind)
    return found


def modelled_app() -> FastAPI:
    """The application with two of its routes a second time, below /modelled, declared with `response_model`.

    They ask the same question of the same graph behind the same layers, and hand the record over as it is.
    """
    from fastapi import Query, Request
    from starlette.concurrency import run_in_threadpool

    from app import queries
    from app.main import app
    from app.web.params import PagedFilters, SubgraphParams
    from app.web.routers.graph import _piece

    # FastAPI looks annotations up where the function stands.
    scope = globals()
    scope.update(Request=Request, Paged=Annotated[PagedFilters, Query()], Piece=Annotated[SubgraphParams, Query()])

    @app.get("/modelled/accusations", response_model=pydantic_of(queries.ClaimPage))
    async def accusations(request: Request, asked: Paged) -> Any:  # type: ignore[name-defined] # noqa: F821 # see above
        services = request.app.state.services
        await services.refresh()
        with services.reading() as graph:
            return queries.accusations(graph, asked.asked(), asked.limit, asked.cursor)

    @app.get("/modelled/subgraph", response_model=pydantic_of(queries.Subgraph))
    async def subgraph(request: Request, asked: Piece) -> Any:  # type: ignore[name-defined] # noqa: F821 # see above
        services = request.app.state.services
        await services.refresh()
        with services.reading() as graph:
            return await run_in_threadpool(lambda: _piece(graph, asked))

    return app


@contextmanager
def _served_modelled(environment: Mapping[str, str]) -> Iterator[Service]:
    port = free_port()
    words = [sys.executable, "-m", "uvicorn", "--factory", "tests.benchmarks.http:modelled_app", "--port", str(port)]
    words += ["--log-level", "warning", "--no-access-log"]
    service = Service(subprocess.Popen(words, cwd=ROOT, env=dict(environment)), port, None)
    try:
        service.wait(START_SECONDS)
        yield service
    finally:
        service.process.terminate()
        service.process.wait(60)


def hundred(client: httpx.Client, path: str, names: Sequence[str], found: Callable[[Any], int]) -> list[str]:
    """Paths below `path` whose answers have a hundred rows, one for each actor that has so much."""
    paths = []
    for name in names:
        asked = f"{path}&{urlencode({'source' if 'accus' in path else 'actor': name})}"
        if found(client.get(asked).json()) == ROWS:
            paths.append(asked)
        if len(paths) == 30:
            break
    return paths


def _others(paths: Sequence[str], number: int) -> list[str]:
    """The same questions in other words, 400 times: with other letters of the name at their end percent-encoded."""
    found = []
    for again in range(400 * number + 1, 400 * number + 401):
        for path in paths:
            front, _, name = path.rpartition("=")
            told = "".join(
                f"%{ord(one):02X}" if again >> place & 1 and one.isalpha() else one for place, one in enumerate(name)
            )
            found.append(f"{front}={told}")
    return found


def _beside_response_model(
    environment: Mapping[str, str], seconds: float, rounds: int, counted: _Counted, say: Callable[[str], None]
) -> list[Modelled]:
    rows = []
    with _served_modelled(environment) as service:
        with httpx.Client(base_url=service.url, timeout=START_SECONDS, trust_env=False) as client:
            answer = client.get("/matrix", params={"kind": "accuses", "top": "200"}).json()
            names = [one["id"] for one in answer["sources"]]
            asked = {
                "/accusations": hundred(client, f"/accusations?limit={ROWS}", names, lambda one: len(one["claims"])),
                "/subgraph": hundred(client, f"/subgraph?limit={ROWS}", names, lambda one: len(one["edges"])),
            }
            for question, paths in asked.items():
                rows_of = {"/accusations": "claims", "/subgraph": "edges"}[question]
                for path in paths[:3]:
                    # Beside the rows, pydantic writes the filters down that were not asked for.
                    both = [client.get(one).json()[rows_of] for one in (path, f"/modelled{path}")]
                    if both[0] != both[1]:
                        raise RuntimeError(f"the two routes do not answer the same: {path}")
        for question, paths in asked.items():
            if not paths:
                say(f"  no answer of {question} has {ROWS} rows")
                continue
            for condition in ("asked again", "asked for the first time"):
                ours, theirs = list[float](), list[float]()
                for number in range(rounds):
                    mine = paths if condition == "asked again" else _others(paths, number)
                    modelled = [f"/modelled{path}" for path in mine]
                    ours.append(counted.ask(service.url, mine, seconds / 8).rate)
                    theirs.append(counted.ask(service.url, modelled, seconds / 8).rate)
                ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
                row = Modelled(question, condition, statistics.median(ours), statistics.median(theirs), ratio)
                rows.append(row)
                say(f"  {question}, {ROWS} rows, {condition}: {ratio:.2f} times the rate of response_model")
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ledger", type=Path)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    why = absent()
    if why is not None:
        print(f"skipped: {why}")
        return
    result = measure(
        options.ledger.resolve(),
        seconds=options.seconds,
        requests=options.requests,
        workers=options.workers,
        say=lambda words: print(words, flush=True),
    )
    print(f"{result.requests:,} requests, {result.errors} errors")
    if options.json is not None:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1))


if __name__ == "__main__":
    main()
