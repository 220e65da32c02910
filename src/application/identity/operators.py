from collections.abc import Sequence
from typing import Protocol

from application.identity.ports import Users
from application.shared.ports import Facts
from domain.identity.operator import Operator, OperatorChange
from domain.shared.ids import UserId


class Operators(Protocol):
    """Who may read everybody's audit. An actor sees whether they may; only Plimsoll itself writes."""

    async def get(self, user_id: UserId) -> Operator | None:
        """Return what became of the user's appointment; None for somebody who never had one."""
        ...

    async def standing(self) -> Sequence[Operator]:
        """Return those who are operators now, in the order of their appointment."""
        ...

    async def record(self, change: OperatorChange) -> None:
        """Store the state and append the facts at the commit."""
        ...


class OperatorsWork(Protocol):
    """What appointing, dismissing and being an operator need of their transaction."""

    @property
    def facts(self) -> Facts:
        """The event log."""
        ...

    @property
    def users(self) -> Users:
        """The people."""
        ...

    @property
    def operators(self) -> Operators:
        """Those who may read everybody's audit."""
        ...
