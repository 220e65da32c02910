from dataclasses import dataclass
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field

from application.audit.reading.look import Look
from application.audit.reading.sight import BeginSight, Door, Sight
from domain.shared.ids import UserId
from entrypoints.http.frame.fields import Identifier
from entrypoints.http.frame.models import Params

WorkT = TypeVar("WorkT", covariant=True)

EVERYBODY = "all"

Whose = Annotated[
    Identifier | Literal["all"] | None,
    Field(description="Operators only: the id of a user, or `all`. Without it, your own."),
]


class WhoseQuery(Params):
    """Whose audit."""

    user: Whose = None


def sight_of(caller: UserId, user: Whose) -> Sight:
    """Return what somebody asks to see: their own, unless they name somebody else or everybody."""
    match user:
        case None:
            return Sight(caller, caller)
        case "all":
            return Sight(caller, None)
        case _:
            return Sight(caller, UserId(user))


@dataclass(frozen=True, slots=True)
class Sights(Generic[WorkT]):
    """Opens the log to a caller, as far as they may see; a look at others is on record before anything is shown."""

    look: Look
    begin: BeginSight[WorkT]

    async def __call__(self, caller: UserId, user: Whose, *, what: str) -> Door[WorkT]:
        """Return the way in, or raise NotAnOperator; `what` says in a few words what is looked at."""
        return Door(self.begin, await self.look(sight_of(caller, user), what=what))
