from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

Flat: TypeAlias = Mapping[str, str | None]
"""A value field by field, under names like `preferences.risk_profile` and `wallets[0x…].label`; None is absent."""


def flat(value: object) -> Flat:
    """Spell a frozen value out, so that two of a kind can be compared field by field and read."""
    return dict(_fields(value, ""))


def differing(before: Flat, after: Flat) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield the name of each field that differs, what it was and what it is, in the order of the fields."""
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)


def _fields(value: object, name: str) -> Iterator[tuple[str, str | None]]:
    if is_dataclass(value) and not isinstance(value, type):
        status = getattr(type(value), "status", None)
        if isinstance(status, str) and not isinstance(status, Enum):  # it is the class that says it
            yield _below(name, "status"), status
        for field in fields(value):
            yield from _fields(getattr(value, field.name), _below(name, field.name))
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _fields(one, _below(name, str(key)))
    elif isinstance(value, tuple) and any(map(is_dataclass, value)):
        for number, one in enumerate(value):
            yield from _fields(one, f"{name}[{_key(one, number)}]")
    else:
        yield name, _text(value)


def _below(name: str, field: str) -> str:
    return f"{name}.{field}" if name else field


def _key(value: object, number: int) -> object:
    """Name a part by its first field where that is a word, so that the parts after a lost one keep their names."""
    first = (
        next((getattr(value, field.name) for field in fields(value)), None) if is_dataclass(value) else None
    )
    return first if isinstance(first, str) else number


def _text(value: object) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "yes" if value else "no"
        case Enum():
            return str(value.value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case timedelta():
            return f"{value.total_seconds():g} s"
        case Decimal():
            return f"{value:f}"
        case tuple() | list():
            return ", ".join(_text(one) or "none" for one in value)
        case _:
            return str(value)
