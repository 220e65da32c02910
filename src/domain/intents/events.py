from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from domain.intents.terms import Terms
from domain.shared.ids import IntentId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentProposed:
    """A user said what should be done, and when."""

    intent_id: IntentId
    user_id: UserId
    terms: Terms
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentArmed:
    """Every policy agreed; the intent waits for its condition."""

    intent_id: IntentId
    user_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentTriggered:
    """The condition was seen to hold; `source` is the fact that showed it."""

    intent_id: IntentId
    user_id: UserId
    source: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentSubmitted:
    """A transaction was handed to the chain."""

    intent_id: IntentId
    user_id: UserId
    transaction_hash: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentUnconfirmed:
    """Nobody knows what became of the transaction."""

    intent_id: IntentId
    user_id: UserId
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentSettled:
    """The transaction is in a block that counts."""

    intent_id: IntentId
    user_id: UserId
    block_hash: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentFailed:
    """The action is known not to have happened."""

    intent_id: IntentId
    user_id: UserId
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentExpired:
    """The user's date passed before the condition held."""

    intent_id: IntentId
    user_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentCancelled:
    """The user took it back."""

    intent_id: IntentId
    user_id: UserId
    at: datetime


IntentEvent: TypeAlias = (
    IntentProposed
    | IntentArmed
    | IntentTriggered
    | IntentSubmitted
    | IntentUnconfirmed
    | IntentSettled
    | IntentFailed
    | IntentExpired
    | IntentCancelled
)
