from dataclasses import dataclass

from application.identity.operators import OperatorsWork
from application.shared.ports import Begin
from domain.identity.operator import Operator


@dataclass(frozen=True, slots=True)
class ListOperators:
    """Say who may read everybody's audit."""

    begin: Begin[OperatorsWork]

    async def __call__(self) -> tuple[Operator, ...]:
        """Return those who are operators now."""
        async with self.begin(None) as work:
            return tuple(await work.operators.standing())
