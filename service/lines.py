"""Bodies of many entries, one on each line (NDJSON): each is checked as it arrives, and told of by its number."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final, get_args

from annotated_types import MaxLen
from pydantic import BaseModel, TypeAdapter, ValidationError

from service import bodies, headroom, jsoninput, validation
from service.problems import FieldError, Refusal, in_body
from service.routes import Call

ENTRIES: Final = {
    "": "",
    "each": "Each entry is for itself: `results` says what became of it, and one that fails loses no other.",
    "all": "All entries are kept, or none: `errors` points at what is wrong.",
}
"""How a bulk call takes its entries, as the document says it."""


@dataclass(frozen=True, slots=True)
class Lines:
    """How a body that is nothing but a list of entries comes line by line."""

    model: type[BaseModel]
    name: str
    """The model's name of its one field, the list."""
    entry: TypeAdapter[Any]
    most: int

    @property
    def field(self) -> str:
        """The list's name in JSON."""
        return self.model.model_fields[self.name].alias or self.name

    @property
    def says(self) -> str:
        """What the document says of it; a schema of lines is a thing of OpenAPI 3.2 only."""
        return f"Also as `{bodies.NDJSON}`: the entries of `{self.field}`, one on each line."

    async def read(self, call: Call, limit: int) -> BaseModel:
        """Return the body that the lines make. Raises Refusal at the first that is wrong, whatever comes behind it."""
        entries: list[Any] = []
        digest = hashlib.sha256(bodies.NDJSON.encode())
        async for line in bodies.lines(call, limit):
            digest.update(line + b"\n")
            if len(entries) == self.most:
                raise _wrong("", "too_long", f"must have at most {self.most} entries")
            entries.append(self._entry(line, len(entries)))
        if not entries:
            raise _wrong("", "too_short", "must have at least 1 entries")
        call.sent, call.by_line = digest.digest(), True
        body: dict[str, Any] = {self.name: entries}
        return self.model.model_construct(**body)

    def _entry(self, line: bytes, index: int) -> Any:
        try:
            jsoninput.check(line)
            headroom.check(line)
            return self.entry.validate_json(line)
        except ValidationError as error:
            raise _at(validation.body_refusal(error), index) from None
        except Refusal as refusal:
            raise _at(refusal, index) from None


def lines_of(body: Any) -> Lines | None:
    """Return how a body of this type comes line by line; None where it is more than a list."""
    if not (isinstance(body, type) and issubclass(body, BaseModel) and len(body.model_fields) == 1):
        return None
    ((name, field),) = body.model_fields.items()
    (entry,) = get_args(field.annotation)
    most = next(one.max_length for one in field.metadata if isinstance(one, MaxLen))
    return Lines(body, name, TypeAdapter(entry), most)


def _at(refusal: Refusal, index: int) -> Refusal:
    """Return the refusal of a line as one of the body: pointers begin with the entry's place."""
    entries = [
        FieldError(one.code, one.detail, one.place, f"/{index}{one.pointer or ''}")
        for one in refusal.errors
    ] or [in_body(f"/{index}", refusal.code, refusal.detail)]
    return Refusal(refusal.code, f"line {index + 1}: {refusal.detail}", entries)


def _wrong(pointer: str, code: str, detail: str) -> Refusal:
    return Refusal("validation_failed", f"the body {detail}", [in_body(pointer, code, detail)])
