"""Work in, OpenTelemetry spans out, where the extra `otel` is installed and the standard `OTEL_` variables ask for it.

Without them every `span` is nothing at all. https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from app.vocabulary.errors import MissingPart

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

_ASKED = ("OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_NOTHING: AbstractContextManager[None] = nullcontext()


class _State:
    tracer: Tracer | None = None


def is_on() -> bool:
    """Whether spans are made."""
    return _State.tracer is not None


def set_up(environment: Mapping[str, str] | None = None) -> bool:
    """Begin to make spans where the environment asks for it; returns whether it does.

    Raises:
        MissingPart: It does, and OpenTelemetry is not installed.
    """
    env = os.environ if environment is None else environment
    exporter = env.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    is_asked = any(env.get(name, "").strip() for name in _ASKED) and exporter != "none"
    if not is_asked or env.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    try:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter

        made: SpanExporter
        if exporter == "console":
            made = ConsoleSpanExporter()
        elif exporter in ("", "otlp"):
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

            made = OTLPSpanExporter()
        else:
            raise ValueError(f"OTEL_TRACES_EXPORTER must be otlp, console or none, not {exporter!r}")
    except ImportError as why:
        raise MissingPart(
            f"the environment asks for OpenTelemetry ({why.name} is missing): pip install 'polemos[otel]', "
            "or set OTEL_SDK_DISABLED=true"
        ) from why
    # What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say goes before this.
    name = {} if env.get("OTEL_SERVICE_NAME") else {"service.name": "polemos"}
    provider = TracerProvider(resource=Resource.create(name))
    provider.add_span_processor(BatchSpanProcessor(made))
    use(provider)
    return True


def use(provider: Any | None) -> None:  # noqa: ANN401 (the part that has its type may not be installed)
    """Make spans by this provider; none where None."""
    _State.tracer = provider.get_tracer("polemos") if provider is not None else None


def span(name: str, **attributes: str | int | float | bool) -> AbstractContextManager[Any]:
    """A span around what is done in a `with`; an error that leaves it is written down in it."""
    tracer = _State.tracer
    return _NOTHING if tracer is None else tracer.start_as_current_span(name, attributes=attributes)


@contextmanager
def request_span(method: str, headers: Mapping[bytes, bytes]) -> Iterator[Any]:
    """The span of a request, within the trace that a `traceparent` names."""
    from opentelemetry.propagate import extract
    from opentelemetry.trace import SpanKind

    tracer = _State.tracer
    assert tracer is not None, "asked only where is_on"
    told = {name: headers[name.encode()].decode("latin-1") for name in ("traceparent", "tracestate")
            if name.encode() in headers}  # fmt: skip
    with tracer.start_as_current_span(method, context=extract(told), kind=SpanKind.SERVER) as made:
        yield made


def answered(made: Any, method: str, route: str, status: int) -> None:  # noqa: ANN401 (as in `use`)
    """Write down in a request's span what came of it (names of the semantic conventions for HTTP)."""
    from opentelemetry.trace import StatusCode

    made.update_name(f"{method} {route}")
    made.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": status})
    if status >= 500:
        made.set_status(StatusCode.ERROR)
