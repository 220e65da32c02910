from typing import Any

from application.audit.diff_states import FieldChange


def field_line(one: FieldChange) -> dict[str, Any]:
    """Return a field that differs as a program reads it."""
    return {"field": one.name, "before": one.before, "after": one.after}


def shown(value: str | None) -> str:
    """Write a value for a person: nothing at all is not an empty text."""
    return "-" if value is None else value or "''"
