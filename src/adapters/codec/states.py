from functools import cache
from typing import Any, Final, get_args

import orjson
from pydantic import ConfigDict, TypeAdapter, ValidationError

from adapters.codec.json import canonical
from application.audit.ports import State
from domain.shared.errors import PlimsollError

_STRICT: Final = ConfigDict(extra="forbid", strict=True)


class UnreadableState(Exception):
    """Bytes are no state that this version of the code has written."""


def encode_state(state: State) -> str:
    """Write a state down with the name of its class, every digit and time exact."""
    return orjson.dumps([type(state).__name__, orjson.Fragment(canonical(state))]).decode()


def decode_state(text: str) -> State:
    """Return the state that was written down, or raise UnreadableState."""
    try:
        name, document = orjson.loads(text)
        state: State | None = _readers()[name].validate_json(orjson.dumps(document))
    except (ValueError, KeyError, TypeError, ValidationError, PlimsollError):
        raise UnreadableState from None
    if state is None:
        raise UnreadableState
    return state


@cache
def _readers() -> dict[str, TypeAdapter[Any]]:
    # The union with None is what lets the strict configuration reach the dataclasses, which know of no pydantic.
    readers: dict[str, TypeAdapter[Any]] = {}
    for kind in get_args(State):
        kind_or_none: Any = kind | None
        readers[kind.__name__] = TypeAdapter(kind_or_none, config=_STRICT)
    return readers
