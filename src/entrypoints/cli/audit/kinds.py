from difflib import get_close_matches
from typing import Final
from uuid import UUID

from application.audit.replaying.fold import Kind
from domain.shared.errors import Invalid
from domain.shared.ids import Id, read_id

POSITION: Final = "position"
"""What a wallet owned and owed is asked for by this name; it is no fold, but what was seen."""


def read_kind(text: str, *more: str) -> str:
    """Return a kind of thing that somebody named; raises Invalid, with the one that comes nearest."""
    kinds = [*Kind, *more]
    told = text.strip().lower()
    if told not in kinds:
        near = get_close_matches(told, kinds, n=1)
        hint = f"did you mean {near[0]}?" if near else f"name one of {', '.join(kinds)}."
        raise Invalid(f"{text[:40]!r} has no state; {hint}")
    return told


def id_given(uuid: UUID | None) -> Id | None:
    """Return the id that the command line read, if it was given one."""
    return None if uuid is None else read_id(str(uuid))


def id_typed(text: str) -> Id:
    """Return the id that somebody typed; raises Invalid."""
    try:
        return read_id(text.strip())
    except ValueError:
        raise Invalid(
            f"{text[:60]!r} is no id: one looks like 0199c0de-0000-7000-8000-000000000000, and "
            "`plimsoll audit log --json` shows each fact's as its stream."
        ) from None
