import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import orjson
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import from_json

from adapters.codec.errors import UnknownFact, UnreadableFact, UnstorableFact
from adapters.codec.json import canonical
from adapters.codec.quick import QuickReader
from adapters.codec.upcasts import Upcast
from domain.shared.errors import PlimsollError

_NAME = re.compile(r"[a-z_]+\.[a-z_]+\.v[1-9][0-9]*")
_STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True)
class Codec:
    """Facts to stored bytes and back, under names that outlive every refactoring.

    `names` says what each class is called now, `upcasts` how older versions become newer ones; every reader goes
    through both. Bytes are deterministic, and whatever they hold too much or too little is refused.
    """

    names: Mapping[type, str]
    upcasts: Mapping[str, Upcast] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a registry in which some stored fact could not be read."""
        for name in (*self.names.values(), *self.upcasts):
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no stored name: it takes a noun, a participle and a version.")
        if len(self._types) != len(self.names):
            raise ValueError("Two facts have the same stored name.")
        for name in self.upcasts:
            self._newest(name)

    def encode(self, fact: object) -> tuple[str, bytes]:
        """Return the stored name and bytes; raises UnstorableFact when reading them could not give the same fact."""
        name = self.names.get(type(fact))
        if name is None:
            raise UnstorableFact(type(fact).__name__, "it has no stored name")
        try:
            return name, canonical(fact)
        except orjson.JSONEncodeError as error:
            raise UnstorableFact(type(fact).__name__, str(error.__cause__ or error)) from None

    def decode(self, name: str, stored: bytes) -> object:
        """Return the fact; raises UnknownFact for a name and UnreadableFact for bytes that were never written here."""
        kind = self._types.get(name)
        if kind is None:
            if name not in self.upcasts:
                raise UnknownFact(name)
            newest, raised = self._upcast(name, stored)
            return self.decode(newest, raised)
        quick = QuickReader.of(kind)
        fact: object = None if quick is None else quick.one(stored)
        return self._strictly(name, kind, stored) if fact is None else fact

    def decode_all(self, name: str, payloads: Sequence[bytes]) -> Sequence[object]:
        """Return the facts of many payloads, which all have this name, in half the time that `decode` takes.

        What their class does not know is passed over, unless it takes the strict reader; see `reproduced`.
        """
        kind = self._types.get(name)
        quick = None if kind is None else QuickReader.of(kind)
        if quick is None:
            return [self.decode(name, stored) for stored in payloads]
        facts = quick.all(payloads)
        if facts is not None:
            return facts
        if len(payloads) == 1:
            return [self.decode(name, payloads[0])]
        return [self.decode_all(name, [stored])[0] for stored in payloads]

    def _strictly(self, name: str, kind: type, stored: bytes) -> object:
        try:
            fact: object = _reader(kind).validate_json(stored)
        except ValidationError as error:
            raise UnreadableFact(name, _faults(error)) from None
        except PlimsollError as error:
            raise UnreadableFact(name, str(error)) from None
        if fact is None:
            raise UnreadableFact(name, "it is empty")
        return fact

    def names_of(self, kind: type) -> tuple[str, ...]:
        """Return every name under which facts of this class are stored, those of older versions included."""
        name = self.names.get(kind)
        if name is None:
            raise UnstorableFact(kind.__name__, "it has no stored name")
        return (name, *(older for older in self.upcasts if self._newest(older) == name))

    @cached_property
    def classes(self) -> Mapping[str, type]:
        """Every name under which facts are stored, older versions included, with the class that they are read as."""
        older = {name: self._types[self._newest(name)] for name in self.upcasts}
        return {**self._types, **older}

    @cached_property
    def _types(self) -> Mapping[str, type]:
        return {name: kind for kind, name in self.names.items()}

    def _upcast(self, name: str, stored: bytes) -> tuple[str, bytes]:
        try:
            document = from_json(stored)
        except ValueError:
            raise UnreadableFact(name, "it is not JSON") from None
        while name not in self._types:
            step = self.upcasts[name]
            name, document = step.to, step.change(document)
        return name, canonical(document)

    def _newest(self, name: str) -> str:
        passed: set[str] = set()
        while name not in self._types:
            if name in passed or name not in self.upcasts:
                raise ValueError(f"The upcasts from {name!r} lead to no fact of today.")
            passed.add(name)
            name = self.upcasts[name].to
        return name


@cache
def _reader(kind: type) -> TypeAdapter[Any]:
    # The union with None is what lets the strict configuration reach the dataclasses, which know of no pydantic.
    fact_or_none: Any = kind | None
    return TypeAdapter(fact_or_none, config=_STRICT)


def _faults(error: ValidationError) -> str:
    """Name the places and what is wrong there, never the values."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    places = [
        f"{'.'.join(str(step) for step in fault['loc']) or 'all'}: {fault['msg'].lower()}" for fault in found
    ]
    return "; ".join(places[:3])
