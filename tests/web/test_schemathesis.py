"""The OpenAPI document held against the service: what is asked by it is answered as it says, whatever is put in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.extraction import recipe
from app.intake import Limits
from app.ledger import SqliteLedger
from app.vocabulary.names import Gazetteer
from app.web import Services, create_app
from tests.queries import invented

DATA = Path(__file__).resolve().parents[2] / "graph_data"
EXAMPLES = 40
# Not whether what fits the document is taken and what does not is refused: it cannot tell names that are known from
# names that are not.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
ran: Counter[str] = Counter()


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The application with an invented dispute in its ledger; articles are read by the rules."""
    folder = tmp_path_factory.mktemp("schemathesis")
    ledger = SqliteLedger(folder / "ledger.sqlite")
    ledger.append(invented.invented().batch)
    services = Services(
        ledger,
        recipe=recipe("rules", DATA),
        gazetteer=lambda: Gazetteer.load(DATA / "gazetteers"),
        data=DATA,
        limits=Limits(max_bytes=200_000, allow_private=False),
    )
    yield create_app(services)
    services.close()


DOCUMENT = create_app(lambda: pytest.fail("opened")).openapi()
# All of them but the stream of news, whose answer has no end.
OPERATIONS = [
    (method.upper(), path)
    for path, operations in sorted(DOCUMENT["paths"].items())
    for method, told in sorted(operations.items())
    if "text/event-stream" not in json.dumps(told["responses"])
]


@pytest.fixture(scope="module")
def schema(application: Any) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", application)


@pytest.mark.model
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda part: part)
def test_every_operation_does_as_it_is_documented(schema: Any, method: str, path: str) -> None:
    """Status, content type and form of each answer are among the documented ones, and none is the service's fault."""
    operation = schema[path][method]
    valid = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    spoilt = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(case=st.one_of(valid, spoilt))
    def check(case: Any) -> None:
        ran[f"{method} {path}"] += 1
        case.call_and_validate(checks=CHECKS)

    check()


def test_how_many_ran(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nby the OpenAPI document: {ran.total():,} cases for {len(ran)} operations")
    if len(ran) == len(OPERATIONS):
        assert ran.total() >= 1_000
