from dataclasses import dataclass

from application.identity.operators import OperatorsWork
from application.shared.ports import Begin, Clock
from domain.identity.errors import UserGone
from domain.identity.operator import Operator
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class AppointOperator:
    """Let a user read everybody's audit, from now on."""

    begin: Begin[OperatorsWork]
    clock: Clock

    async def __call__(self, *, user_id: UserId) -> Operator:
        """Return the operator; raises NotFound, UserGone, and OperatorAlready."""
        async with self.begin(None) as work:
            user = await work.users.get(user_id)
            if user.deleted_at is not None:
                raise UserGone
            known, at = await work.operators.get(user_id), self.clock.now()
            change = Operator.appoint(user_id, at=at) if known is None else known.appoint_again(at=at)
            await work.operators.record(change)
        return change.state
