from dataclasses import dataclass

from application.audit.reading.sight import Sight
from application.identity.operators import OperatorsWork
from application.shared.ports import Begin, Clock, Ids
from domain.identity.events import OperatorLooked
from domain.shared.errors import Denied


class NotAnOperator(Denied):
    """People read their own audit; only operators read that of others."""

    def __init__(self) -> None:
        super().__init__("Only an operator may read the audit of others; leave `user` out to read your own.")


@dataclass(frozen=True, slots=True)
class Look:
    """Let nobody but an operator see what is not theirs, and put each such look on record before it is taken."""

    begin: Begin[OperatorsWork]
    clock: Clock
    ids: Ids

    async def __call__(self, sight: Sight, *, what: str) -> Sight:
        """Return the sight, or raise NotAnOperator; `what` says in a few words what is looked at."""
        if sight.own:
            return sight
        async with self.begin(sight.viewer) as work:
            operator = await work.operators.get(sight.viewer)
            if operator is None or not operator.stands:
                raise NotAnOperator
            look_id = self.ids.new()
            looked = OperatorLooked(
                look_id=look_id, user_id=sight.viewer, subject=sight.subject, what=what, at=self.clock.now()
            )
            work.facts.append(look_id, 0, [looked])
        return sight
