import re
from typing import Any, Final

from application.audit.reading.diff_states import FieldChange
from domain.shared.chain import Address, short

_KEY: Final = re.compile(r"\[(0x[0-9a-f]{40})\]")


def field_line(one: FieldChange) -> dict[str, Any]:
    """Return a field that differs as a program reads it."""
    return {"field": one.name, "before": one.before, "after": one.after}


def shown(value: str | None) -> str:
    """Write a value for a person: nothing at all is not an empty text."""
    return "-" if value is None else value or "''"


def shown_name(name: str) -> str:
    """Write a field's name for a person, with addresses cut short."""
    return _KEY.sub(lambda found: f"[{short(Address(found[1]))}]", name)
