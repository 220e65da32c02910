from domain.shared.errors import Conflict, Invalid


class UnknownFact(Conflict):
    """The log holds a fact of a kind that this version of Plimsoll has never heard of."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The event log holds a fact named {name[:80]!r}, which this version of Plimsoll does not know; "
            "run the version that wrote it, or a newer one."
        )


class UnreadableFact(Conflict):
    """Stored bytes do not say what their name promises."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"A fact in the event log is not what its name {name[:80]!r} promises ({why}); "
            "compare the log with a backup: Plimsoll never writes such a fact."
        )


class UnstorableFact(Invalid):
    """Something was to be put on record that could not be read back exactly as it was."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(f"{kind} cannot be put on record: {why}.")
