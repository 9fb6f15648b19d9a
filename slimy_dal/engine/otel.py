"""The one place that knows OpenTelemetry: spans of named queries, transactions and requests, where they are asked for.

Off, it is not even imported, and the engine is as it is. On, the methods that run things are wrapped: whoever makes no
spans pays not even for the question.
"""

# ruff: noqa: ASYNC109 -- the timeout is that of what is wrapped
# ruff: noqa: SLF001 -- and so are the names that its classes keep to themselves

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from slimy_dal.engine import running
from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.statement import Statement
from slimy_dal.engine.transaction import Transaction

__all__ = ["RequestSpan", "request_span", "tracing", "verb_of"]

SYSTEM = {"db.system.name": "postgresql"}
VERB = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|MERGE|VALUES|CALL|ANALYZE)\b", re.IGNORECASE)
ASIDE = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*")
NESTED = re.compile(r"\([^()]*\)")
WRAPPED = (
    (Pool, ("_call", "_use")),
    (Transaction, ("use", "__aenter__", "__aexit__")),
)
SERVER_ERROR = 500

NAME = "slimy_dal"

_provider: ContextVar[TracerProvider | None] = ContextVar("slimy_tracer_provider", default=None)
_propagator = TraceContextTextMapPropagator()


@contextmanager
def tracing(provider: TracerProvider | None = None) -> Iterator[None]:
    """Make a span of every named query and of every transaction of this process, for the time of the block.

    `provider` is the one that OpenTelemetry has by default; without an SDK it makes nothing. A span has the name of its
    query, what kind of statement it is, the number of rows, and the type of an error: no text, and no value.
    Raises RuntimeError inside another such block.
    """
    if hasattr(Pool._call, "__wrapped__"):
        raise RuntimeError("spans are being made already")
    tracer = trace.get_tracer(NAME, tracer_provider=provider)
    chosen = _provider.set(provider)
    before = [(kind, name, kind.__dict__[name]) for kind, names in WRAPPED for name in names]
    wrappers = _Wrappers(tracer)
    for kind, name, method in before:
        wrapped = getattr(wrappers, name.strip("_"))(method)
        wrapped.__wrapped__ = method
        setattr(kind, name, wrapped)
    try:
        yield
    finally:
        _provider.reset(chosen)
        for kind, name, method in before:
            setattr(kind, name, method)


class _Wrappers:
    """What each method is replaced by."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def call(self, method: Any) -> Any:
        async def call(
            pool: Pool, statement: Statement, arguments: Any, limit: int, timeout: Any
        ) -> Any:
            with self._query(statement) as span:
                answer = await method(pool, statement, arguments, limit, timeout)
                span.set_attribute("db.response.returned_rows", len(answer[0]))
                return answer

        return call

    def use(self, method: Any) -> Any:
        """Of a pool its second argument is the statement, of a transaction the tenant, and then the statement."""

        async def use(owner: Any, *arguments: Any, **options: Any) -> Any:
            if (
                running._prepared in arguments
            ):  # hundreds at the start of a service, and none is a call
                return await method(owner, *arguments, **options)
            statement = next(one for one in arguments if isinstance(one, Statement))
            with self._query(statement, _span_of(owner)) as span:
                result = await method(owner, *arguments, **options)
                span.set_attribute("db.response.returned_rows", running.count_rows(result))
                return result

        return use

    def aenter(self, method: Any) -> Any:
        async def aenter(transaction: Any) -> Any:
            if transaction._parent is not None:
                return await method(transaction)
            span = self._tracer.start_span("transaction", kind=SpanKind.CLIENT, attributes=SYSTEM)
            try:
                entered = await method(transaction)
            except BaseException as error:
                _failed(span, error)
                span.end()
                raise
            transaction.span = span
            return entered

        return aenter

    def aexit(self, method: Any) -> Any:
        async def aexit(transaction: Any, kind: Any, error: Any, traceback: Any) -> Any:
            span = transaction.__dict__.pop("span", None)
            if span is None:
                return await method(transaction, kind, error, traceback)
            try:
                result = await method(transaction, kind, error, traceback)
            except BaseException as failure:
                _failed(span, failure)
                raise
            else:
                if error is not None:
                    _failed(span, error)
                return result
            finally:
                span.end()

        return aexit

    @contextmanager
    def _query(self, statement: Statement, parent: Span | None = None) -> Iterator[Span]:
        # The context of whoever iterates over rows is not ours to change: the parent is told instead.
        within = None if parent is None else trace.set_span_in_context(parent)
        span = self._tracer.start_span(
            statement.name, within, kind=SpanKind.CLIENT, attributes=_attributes(statement)
        )
        try:
            yield span
        except BaseException as error:
            _failed(span, error)
            raise
        finally:
            span.end()


def _span_of(owner: Any) -> Span | None:
    """Return the span of the outermost transaction around; None for a pool."""
    while getattr(owner, "_parent", None) is not None:
        owner = owner._parent
    return getattr(owner, "span", None)


@cache
def _attributes(statement: Statement) -> Mapping[str, str]:
    shape = {"slimy.query.shape": statement.shape} if statement.shape else {}
    operation = {"db.operation.name": verb} if (verb := verb_of(statement.sql)) else {}
    return {**SYSTEM, "db.query.summary": statement.name, **operation, **shape}


def verb_of(sql: str) -> str | None:
    """Return what a statement does: of one that begins with WITH, what stands behind it."""
    text = ASIDE.sub("", sql)
    while (shorter := NESTED.sub("", text)) != text:
        text = shorter
    match = VERB.search(text)
    return match[1].upper() if match else None


def _failed(span: Span, error: BaseException) -> None:
    span.set_attribute("error.type", type(error).__name__)
    sqlstate = error.sqlstate if isinstance(error, SlimyError) else None
    if sqlstate is not None:
        span.set_attribute("db.response.status_code", sqlstate)
    span.set_status(Status(StatusCode.ERROR))


class RequestSpan:
    """The span of one request; ids are as W3C Trace Context writes them."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._context = span.get_span_context()

    @property
    def ids(self) -> tuple[str, str, str] | None:
        """Trace, span and flags; None where nothing makes spans."""
        found = self._context
        if not found.is_valid:
            return None
        return f"{found.trace_id:032x}", f"{found.span_id:016x}", f"{found.trace_flags:02x}"

    def answered(self, status: int) -> None:
        """Note the status of the answer."""
        self._span.set_attribute("http.response.status_code", status)
        if status >= SERVER_ERROR:
            self._span.set_attribute("error.type", str(status))
            self._span.set_status(Status(StatusCode.ERROR))


@contextmanager
def request_span(method: str, route: str, headers: Mapping[str, str]) -> Iterator[RequestSpan]:
    """Give a span of a request in the trace of its `traceparent`; queries within are its children.

    `route` is a template: ids do not stand in names.
    """
    tracer = trace.get_tracer(NAME, tracer_provider=_provider.get())
    parent = _propagator.extract(headers)
    attributes = {"http.request.method": method, "http.route": route}
    span = tracer.start_span(
        f"{method} {route}", parent, kind=SpanKind.SERVER, attributes=attributes
    )
    token = contexts.attach(trace.set_span_in_context(span, parent))
    try:
        yield RequestSpan(span)
    except BaseException as error:
        _failed(span, error)
        raise
    finally:
        contexts.detach(token)
        span.end()
