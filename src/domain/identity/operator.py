from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, assert_never

from domain.identity.errors import OperatorAlready, OperatorNoMore
from domain.identity.events import OperatorAppointed, OperatorDismissed, OperatorEvent
from domain.shared.change import Change
from domain.shared.ids import Id, UserId, derived


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A user who may read everybody's audit, and change nothing by that."""

    id: Id
    user_id: UserId
    appointed_at: datetime
    dismissed_at: datetime | None = None
    version: int = 1

    @staticmethod
    def id_of(user_id: UserId) -> Id:
        """Return the id that follows from the user's: there is one appointment, whatever becomes of it."""
        return derived("operator", user_id)

    @staticmethod
    def appoint(user_id: UserId, *, at: datetime) -> "OperatorChange":
        """Make an operator of a user who never was one."""
        fact = OperatorAppointed(operator_id=Operator.id_of(user_id), user_id=user_id, at=at)
        return Change(Operator.born(fact), (fact,))

    @staticmethod
    def born(fact: OperatorAppointed) -> "Operator":
        """Return the operator as the first fact made them."""
        return Operator(id=fact.operator_id, user_id=fact.user_id, appointed_at=fact.at)

    @property
    def stands(self) -> bool:
        """Say whether the user is an operator now."""
        return self.dismissed_at is None

    def appoint_again(self, *, at: datetime) -> "OperatorChange":
        """Make an operator of a user who was one before."""
        if self.stands:
            raise OperatorAlready(self.user_id)
        return self._then(OperatorAppointed(operator_id=self.id, user_id=self.user_id, at=at))

    def dismiss(self, *, at: datetime) -> "OperatorChange":
        """Make a plain user of them; it holds from this moment on."""
        if not self.stands:
            raise OperatorNoMore(self.user_id)
        return self._then(OperatorDismissed(operator_id=self.id, user_id=self.user_id, at=at))

    def after(self, fact: OperatorAppointed | OperatorDismissed) -> "Operator":
        """Return the operator as the fact left them."""
        version = self.version + 1
        match fact:
            case OperatorAppointed(at=at):
                return replace(self, appointed_at=at, dismissed_at=None, version=version)
            case OperatorDismissed(at=at):
                return replace(self, dismissed_at=at, version=version)
            case _:
                assert_never(fact)

    def _then(self, fact: OperatorAppointed | OperatorDismissed) -> "OperatorChange":
        return Change(self.after(fact), (fact,))


OperatorChange: TypeAlias = Change[Operator, OperatorEvent]
