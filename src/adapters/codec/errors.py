from typing import Self

from domain.shared.errors import Conflict, Invalid


class UnknownFact(Conflict):
    """The log holds a fact of a kind that this version of Plimsoll has never heard of."""

    def __init__(self, name: str, place: int | None = None) -> None:
        self._name = name
        super().__init__(
            f"The event log holds a fact named {name[:80]!r}{_standing(place)}, which this version of Plimsoll does "
            "not know; run the version that wrote it, or a newer one."
        )

    def at(self, place: int) -> Self:
        """Return the same, saying where the fact stands."""
        return type(self)(self._name, place)


class UnreadableFact(Conflict):
    """Stored bytes do not say what their name promises."""

    def __init__(self, name: str, why: str, place: int | None = None) -> None:
        self._name, self._why = name, why
        super().__init__(
            f"A fact in the event log{_standing(place)} is not what its name {name[:80]!r} promises ({why}); "
            "compare the log with a backup: Plimsoll never writes such a fact."
        )

    def at(self, place: int) -> Self:
        """Return the same, saying where the fact stands."""
        return type(self)(self._name, self._why, place)


class UnstorableFact(Invalid):
    """Something was to be put on record that could not be read back exactly as it was."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(f"{kind} cannot be put on record: {why}.")


def _standing(place: int | None) -> str:
    return "" if place is None else f" (position {place})"
