"""OpenTelemetry traces of a refresh, sent where `OTEL_EXPORTER_OTLP_ENDPOINT` says; nothing otherwise.

The libraries are an optional extra: `uv sync --extra traces`. All other `OTEL_*` variables are theirs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any


@cache
def _tracer() -> Any:
    """The tracer, or None where no endpoint is set or the libraries are missing; told once."""
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return None
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        sys.stderr.write(
            "note: OTEL_EXPORTER_OTLP_ENDPOINT is set but OpenTelemetry is not installed, so no traces are "
            "sent; install it with `uv sync --extra traces`\n"
        )
        return None
    provider = TracerProvider(resource=Resource.create({"service.name": "chipledger"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return trace.get_tracer("chipledger")


@contextmanager
def span(name: str) -> Iterator[Any]:
    """A span of this name around the block; None where nothing is traced."""
    tracer = _tracer()
    if tracer is None:
        yield None
        return
    with tracer.start_as_current_span(name) as current:
        yield current
