from dataclasses import dataclass

from application.identity.operators import OperatorsWork
from application.shared.ports import Begin, Clock
from domain.identity.errors import OperatorNoMore
from domain.identity.operator import Operator
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class DismissOperator:
    """Make a plain user of an operator; the next request that they send is refused already."""

    begin: Begin[OperatorsWork]
    clock: Clock

    async def __call__(self, *, user_id: UserId) -> Operator:
        """Return what they were; raises OperatorNoMore."""
        async with self.begin(None) as work:
            known = await work.operators.get(user_id)
            if known is None:
                raise OperatorNoMore(user_id)
            change = known.dismiss(at=self.clock.now())
            await work.operators.record(change)
        return change.state
