from collections.abc import Sequence
from typing import Protocol

from application.shared.ports import Place
from domain.shared.errors import Invalid, Unavailable
from domain.shared.ids import Id


class AppendTooLarge(Invalid):
    """What was to be appended at once is more than the queue holds."""

    def __init__(self, size: int, most: int, unit: str) -> None:
        super().__init__(f"An append of {size} {unit} is too large; {most} are taken at once at most.")


class AppenderClosed(Unavailable):
    """The process is ending, and what waits is written; nothing more is taken."""

    def __init__(self) -> None:
        super().__init__("The event log takes nothing more here, for this process is ending; try again.")


class Unanswered(Unavailable):
    """The database went away under an append, and has not come back in time."""

    def __init__(self, stream: Id, expected: int, key: Id | None) -> None:
        again = (
            f"see whether stream {stream} has gone beyond version {expected}"
            if key is None
            else f"append the same again with the key {key}, which writes them once"
        )
        super().__init__(
            f"The database does not answer, and whether the facts are on record is not known; {again}."
        )


class Appender(Protocol):
    """Writes facts of many callers at a high rate, for what needs no transaction with anything else.

    Callers who come while a commit is under way share the next one. When more waits than a bounded queue holds,
    callers wait to be let in, and nothing is dropped.
    """

    async def append(
        self, stream: Id, expected: int, facts: Sequence[object], *, key: Id | None = None
    ) -> Place:
        """Append one fact at least to a stream of which `expected` are on record; return the first one's place.

        They are durable then, and on record once however often the connection is lost meanwhile. With a key the same
        append is written once however often it is asked for, whatever has become of the stream since.
        Who is cancelled while waiting finds them written or not; asking again with the same key tells.

        Raises StaleWrite when the stream has moved on, KeyReused when the key belongs to another append,
        AppendTooLarge, UnstorableFact (also for personal fields: they are sealed in transactions), Unanswered and
        AppenderClosed.
        """
        ...

    async def close(self) -> None:
        """Take nothing more, write what waits, and let go of the connection."""
        ...
