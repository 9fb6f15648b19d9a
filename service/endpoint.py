"""Turns a route into what aiohttp calls: every check is compiled once, when the application is made."""

import inspect
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import unquote_to_bytes

from aiohttp import web
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, create_model
from pydantic.alias_generators import to_camel

from service import (
    bodies,
    culprits,
    effects,
    faults,
    headroom,
    jsoninput,
    parents,
    prefer,
    replicas,
    replies,
    representation,
    streams,
    totals,
    validation,
    wire,
)
from service.admission import QUEUED
from service.auth import authorise
from service.examples import PARAMETERS
from service.lines import lines_of
from service.problems import Refusal, in_parameter
from service.routes import Call, Created, Route, Versioned

if TYPE_CHECKING:
    from service.admission import Priority
    from service.limits import RateClass


class Endpoint:
    """One route with its compiled checks."""

    def __init__(self, route: Route) -> None:
        """Compile `route`; raises TypeError or ValueError where its handler cannot be served."""
        self.route = route
        self.priority: Priority = route.priority
        self.operation = route.operation_id
        hints = get_type_hints(route.handler, include_extras=True)
        parameters = dict(list(inspect.signature(route.handler).parameters.items())[1:])
        self.path = _model(route, "Path", parameters, hints, {*route.path_names})
        query = set(parameters) - set(route.path_names) - {"body"}
        self.query = _model(route, "Query", parameters, hints, query)
        self.query_names = frozenset(to_camel(name) for name in query)
        self.body: TypeAdapter[Any] | None = None
        if "body" in parameters:
            self.body = TypeAdapter(hints["body"])
        self.body_type = hints.get("body")
        self.lines = lines_of(self.body_type) if route.entries else None
        self.returns = hints["return"]
        self.places = _places(route, query, self.body_type)
        self._reply = replies.reply(self.returns, route.shape)
        self.writes = route.method != "GET"
        self.reads_replicas = replicas.is_for(route)
        self._takes_turns = self.priority in QUEUED
        self._rate_class: RateClass = route.rate_class
        self._without_query = _without_query(self.query)
        self.prefers = frozenset(_prefers(route, self._reply))

    @property
    def shape(self) -> wire.Shape | None:
        """What it answers with; None for nothing, or for what is not JSON."""
        return self._reply.shape

    @property
    def result(self) -> Any:
        """The type of what it answers with: of the thing made, where it makes one."""
        wrapped = get_origin(self.returns) in {Created, Versioned}
        return get_args(self.returns)[0] if wrapped else self.returns

    @property
    def status(self) -> int:
        """The status of success."""
        return self._reply.status

    @property
    def is_page(self) -> bool:
        """Whether it answers with one page of a list."""
        return isinstance(self._reply, replies.Paged)

    @property
    def examples(self) -> dict[str, str]:
        """An example of each parameter that must be there, by its published name. Raises ValueError for one without."""
        return {
            field.alias or name: self._example(name)
            for model in (self.path, self.query)
            if model is not None
            for name, field in model.model_fields.items()
            if field.is_required()
        }

    def _example(self, name: str) -> str:
        found = {**PARAMETERS, **self.route.examples}.get(name)
        if found is None:
            raise ValueError(f"its parameter {name} has no example in service/examples.py")
        return found

    @property
    def page(self) -> Literal["keyset", "single", "stream", "none"]:
        """How its answer comes: by pages with cursors, whole, row by row without an end in sight, or not at all."""
        if self.is_page:
            return "keyset"
        if isinstance(self.returns, type) and issubclass(self.returns, streams.Stream):
            return "stream"
        return "none" if self.status == HTTPStatus.NO_CONTENT else "single"

    async def answer(self, call: Call) -> web.StreamResponse:
        """Check the request, call the handler, and return its response. Raises Refusal and SlimyError."""
        request, route = call.request, self.route
        if not route.policy.public:
            call.principal = await call.state.gate.principal(request.headers)
            call.told = await call.state.limits.take(call.principal.account, self._rate_class)
            if sent := request.headers.getall(prefer.HEADER, ()):
                call.prefer = prefer.of(sent, self.prefers)
            headroom.check()
        arguments = self._path_arguments(request)
        if call.principal is not None:
            await authorise(route.policy, call.principal, arguments, call.unbound)
        arguments.update(self._query_arguments(request))
        if self.body is not None:
            arguments["body"] = await self._body_argument(call)
        call.version = representation.expected(call, route)
        if not self._takes_turns:
            response = await self._work(call, arguments)
        else:
            response = await call.state.admission.within_turn(
                self.priority, self.operation, lambda: self._work(call, arguments)
            )
        for step in call.afterwards:
            await step()
        if self.writes:
            call.told |= await replicas.told(call)
        response = prefer.follow(call.prefer, response)
        finished = representation.finish(call, response, varies=bool(self.prefers))
        if finished.status == HTTPStatus.NOT_MODIFIED and call.principal is not None:
            limits = call.state.limits
            call.told |= await limits.give_back(call.principal.account, self._rate_class)
        return finished

    async def _work(self, call: Call, arguments: dict[str, Any]) -> web.StreamResponse:
        """Return the answer of the handler; where there is a record of its work, both are one transaction."""
        route = self.route
        if not self.writes:
            if self.reads_replicas:
                call.nouns = replicas.reading(call)
            if route.counts is not None and prefer.COUNT in call.prefer.asked:
                call.told |= await totals.headers(call, route.counts, arguments)
            value = await route.handler(call, **arguments)
            await parents.must_be_there(call, route.path_names, arguments, value)
            return self._reply.make(call.request, value)

        async def work() -> web.StreamResponse:
            value = await route.handler(call, **arguments)
            if route.affects is not None:
                call.prefer.check_affected(route.affects(value))
            return self._reply.make(call.request, value)

        try:
            return await effects.done(call, route, arguments.get("body"), work)
        except culprits.Refused as refused:
            if (named := await refused.find()) is not None:
                raise named from None
            raise refused.error from None

    def _path_arguments(self, request: web.Request) -> dict[str, Any]:
        if self.path is None:
            return {}
        try:
            return vars(self.path.model_validate(dict(request.match_info)))
        except ValidationError as error:
            raise validation.parameter_refusal(error, "path") from None

    def _query_arguments(self, request: web.Request) -> Mapping[str, Any]:
        if self._without_query is not None and "?" not in request.raw_path:
            return self._without_query
        _check_text(request.raw_path.partition("?")[2])
        sent = request.query
        if not sent:
            return {} if self.query is None else vars(self._validated_query({}))
        names = set(sent)
        if unknown := sorted(names - self.query_names):
            entries = [
                in_parameter("query", name[:100], "unknown", "is not known here")
                for name in unknown
            ]
            known = ", ".join(sorted(self.query_names)) or "none"
            detail = f"this takes these query parameters: {known}"
            raise Refusal("unknown_parameter", detail, entries)
        if len(names) != len(sent):
            twice = sorted(name for name in names if len(sent.getall(name)) > 1)
            entries = [
                in_parameter("query", name, "repeated", "must be given once") for name in twice
            ]
            raise Refusal(
                "invalid_parameter", "a query parameter was given more than once", entries
            )
        return vars(self._validated_query(dict(sent)))

    def _validated_query(self, sent: Mapping[str, str]) -> BaseModel:
        assert self.query is not None  # noqa: S101 -- a name was known, so there is a model
        try:
            return self.query.model_validate(sent)
        except ValidationError as error:
            raise validation.parameter_refusal(error, "query") from None

    async def _body_argument(self, call: Call) -> Any:
        assert self.body is not None  # noqa: S101 -- asked by the caller
        if self.lines is not None and call.request.content_type == bodies.NDJSON:
            return await self.lines.read(call, self.route.body_limit)
        try:
            call.sent = await bodies.read(call, self.route.body_limit)
            jsoninput.check(call.sent)
        except MemoryError:
            raise headroom.refusal() from None
        headroom.check(call.sent)
        try:
            return self.body.validate_json(call.sent)
        except ValidationError as error:
            raise validation.body_refusal(error) from None


def _prefers(route: Route, reply: replies.Reply) -> Iterator[str]:
    """Yield the names of the preferences that a route can follow."""
    if route.counts is not None:
        yield prefer.COUNT
    if route.affects is not None:
        yield prefer.MOST
    if route.method == "GET" or route.policy.public or not route.keeps_answer:
        # What holds a secret is shown at once or never, and of what works in batches nothing can be undone.
        return
    yield prefer.TX
    if reply.shape is not None and route.entries != "each":
        yield prefer.RETURN


def _check_text(query: str) -> None:
    """Refuse a query whose percent signs do not stand for UTF-8; the parser would take them for themselves."""
    if "%" not in query and query.isascii():
        return
    for pair in query.encode(errors="surrogateescape").split(b"&"):
        try:
            unquote_to_bytes(pair).decode()
        except UnicodeDecodeError:
            name = unquote_to_bytes(pair.partition(b"=")[0]).decode(errors="replace")[:100]
            entry = in_parameter("query", name, "invalid_text", "must be UTF-8")
            raise Refusal("invalid_parameter", f"{name} must be UTF-8", [entry]) from None


def _model(
    route: Route,
    kind: Literal["Path", "Query"],
    parameters: Mapping[str, inspect.Parameter],
    hints: Mapping[str, Any],
    names: set[str],
) -> type[BaseModel] | None:
    if missing := names - set(parameters):
        raise TypeError(f"{route.method} {route.path}: its handler does not take {sorted(missing)}")
    fields: dict[str, Any] = {
        name: (hints[name], ... if parameter.default is parameter.empty else parameter.default)
        for name, parameter in parameters.items()
        if name in names
    }
    alias = to_camel if kind == "Query" else None
    config = ConfigDict(extra="forbid", alias_generator=alias, regex_engine="python-re")
    name = f"{route.operation_id}_{kind}"
    return create_model(name, __config__=config, **fields) if fields else None


def _without_query(model: type[BaseModel] | None) -> Mapping[str, Any] | None:
    """Return the arguments of a request without a query; None where it needs one."""
    if model is None:
        return {}
    try:
        return vars(model.model_validate({}))
    except ValidationError:
        return None


def _places(route: Route, query: set[str], body: Any) -> faults.Places:
    places: dict[str, tuple[faults.Place, str]] = {}
    if isinstance(body, type) and issubclass(body, BaseModel):
        for name, field in body.model_fields.items():
            places[name] = ("body", field.validation_alias or field.alias or name)  # type: ignore[assignment]
    elif route.body_is:
        places[route.body_is] = ("body", "")
    places.update({name: ("query", to_camel(name)) for name in query})
    places.update({name: ("path", name) for name in route.path_names})
    return places
