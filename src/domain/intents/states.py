from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeAlias, TypeVar

from domain.intents.events import (
    IntentArmed,
    IntentCancelled,
    IntentEvent,
    IntentExpired,
    IntentFailed,
    IntentProposed,
    IntentSettled,
    IntentSubmitted,
    IntentTriggered,
    IntentUnconfirmed,
)
from domain.intents.terms import Terms
from domain.shared.change import Change
from domain.shared.errors import Invalid
from domain.shared.ids import IntentId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class _Intent:
    """What every state has in common: whose it is, and what was agreed."""

    id: IntentId
    user_id: UserId
    terms: Terms
    proposed_at: datetime
    changed_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed(_Intent):
    """Said, but not yet agreed to by the policies."""

    status: ClassVar[str] = "proposed"

    @staticmethod
    def by(user_id: UserId, *, id: IntentId, terms: Terms, at: datetime) -> "Change[Proposed, IntentEvent]":
        """Write down what the user wants."""
        fact = IntentProposed(intent_id=id, user_id=user_id, terms=terms, at=at)
        return Change(Proposed.born(fact), (fact,))

    @staticmethod
    def born(fact: IntentProposed) -> "Proposed":
        """Return the intent as its first fact made it."""
        return Proposed(
            id=fact.intent_id, user_id=fact.user_id, terms=fact.terms, proposed_at=fact.at, changed_at=fact.at
        )

    def arm(self, *, at: datetime) -> "Change[Armed, IntentEvent]":
        """Let the intent wait for its condition."""
        fact = IntentArmed(intent_id=self.id, user_id=self.user_id, at=at)
        return Change(become(Armed, self, at), (fact,))

    def cancel(self, *, at: datetime) -> "Change[Cancelled, IntentEvent]":
        """Take the intent back."""
        return _cancelled(self, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Armed(_Intent):
    """Waiting for the condition."""

    status: ClassVar[str] = "armed"

    def trigger(self, *, source: str, at: datetime) -> "Change[Triggered, IntentEvent]":
        """Take note that the condition was seen to hold."""
        fact = IntentTriggered(intent_id=self.id, user_id=self.user_id, source=source, at=at)
        return Change(become(Triggered, self, at), (fact,))

    def expire(self, *, at: datetime) -> "Change[Expired, IntentEvent]":
        """Let the user's date pass."""
        if at < self.terms.expires_at:
            raise Invalid(f"The intent {self.id} has not reached its expiry.")
        fact = IntentExpired(intent_id=self.id, user_id=self.user_id, at=at)
        return Change(become(Expired, self, at), (fact,))

    def cancel(self, *, at: datetime) -> "Change[Cancelled, IntentEvent]":
        """Take the intent back."""
        return _cancelled(self, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggered(_Intent):
    """The condition held; the action is being prepared."""

    status: ClassVar[str] = "triggered"

    def submit(self, *, transaction_hash: str, at: datetime) -> "Change[Submitted, IntentEvent]":
        """Take note that a transaction was handed to the chain."""
        fact = IntentSubmitted(
            intent_id=self.id, user_id=self.user_id, transaction_hash=transaction_hash, at=at
        )
        return Change(become(Submitted, self, at), (fact,))

    def fail(self, *, reason: str, at: datetime) -> "Change[Failed, IntentEvent]":
        """Take note that the action was never handed to the chain."""
        return _failed(self, reason, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(_Intent):
    """On its way to the chain."""

    status: ClassVar[str] = "submitted"

    def settle(self, *, block_hash: str, at: datetime) -> "Change[Settled, IntentEvent]":
        """Take note of the block that carries the transaction."""
        return _settled(self, block_hash, at)

    def fail(self, *, reason: str, at: datetime) -> "Change[Failed, IntentEvent]":
        """Take note that the chain refused the transaction."""
        return _failed(self, reason, at)

    def lose(self, *, reason: str, at: datetime) -> "Change[Unconfirmed, IntentEvent]":
        """Take note that nobody knows what became of the transaction."""
        fact = IntentUnconfirmed(intent_id=self.id, user_id=self.user_id, reason=reason, at=at)
        return Change(become(Unconfirmed, self, at), (fact,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unconfirmed(_Intent):
    """Neither failed nor done: nobody knows yet."""

    status: ClassVar[str] = "unconfirmed"

    def settle(self, *, block_hash: str, at: datetime) -> "Change[Settled, IntentEvent]":
        """Take note that the transaction turned up in a block."""
        return _settled(self, block_hash, at)

    def fail(self, *, reason: str, at: datetime) -> "Change[Failed, IntentEvent]":
        """Take note that the transaction can no longer happen."""
        return _failed(self, reason, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled(_Intent):
    """Done, in a block that counts."""

    status: ClassVar[str] = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(_Intent):
    """Known not to have happened."""

    status: ClassVar[str] = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired(_Intent):
    """The user's date passed first."""

    status: ClassVar[str] = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(_Intent):
    """Taken back by the user."""

    status: ClassVar[str] = "cancelled"


Intent: TypeAlias = (
    Proposed | Armed | Triggered | Submitted | Unconfirmed | Settled | Failed | Expired | Cancelled
)
IntentChange: TypeAlias = Change[Intent, IntentEvent]
StateT = TypeVar("StateT", bound=_Intent)


def become(state: type[StateT], intent: _Intent, at: datetime) -> StateT:
    """Return the same intent in another state."""
    return state(
        id=intent.id,
        user_id=intent.user_id,
        terms=intent.terms,
        proposed_at=intent.proposed_at,
        changed_at=at,
        version=intent.version + 1,
    )


def _cancelled(intent: _Intent, at: datetime) -> "Change[Cancelled, IntentEvent]":
    fact = IntentCancelled(intent_id=intent.id, user_id=intent.user_id, at=at)
    return Change(become(Cancelled, intent, at), (fact,))


def _failed(intent: _Intent, reason: str, at: datetime) -> "Change[Failed, IntentEvent]":
    fact = IntentFailed(intent_id=intent.id, user_id=intent.user_id, reason=reason, at=at)
    return Change(become(Failed, intent, at), (fact,))


def _settled(intent: _Intent, block_hash: str, at: datetime) -> "Change[Settled, IntentEvent]":
    fact = IntentSettled(intent_id=intent.id, user_id=intent.user_id, block_hash=block_hash, at=at)
    return Change(become(Settled, intent, at), (fact,))
