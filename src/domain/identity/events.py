from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from domain.identity.preferences import Preferences
from domain.shared.chain import Address
from domain.shared.ids import Id, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRegistered:
    """Somebody signed in with a wallet that no user had signed in with before."""

    user_id: UserId
    wallet_address: Address
    preferences: Preferences
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletLinked:
    """A user proved by signature that a wallet is theirs."""

    user_id: UserId
    address: Address
    label: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletUnlinked:
    """A user no longer wants a wallet watched."""

    user_id: UserId
    address: Address
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencesChanged:
    """A user said anew what to be told, when and how."""

    user_id: UserId
    preferences: Preferences
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramLinked:
    """A user's code came back from this Telegram chat."""

    user_id: UserId
    chat_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramUnlinked:
    """A user's Telegram chat is no longer theirs to be reached at."""

    user_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailVerified:
    """A user's code came back from this mailbox."""

    user_id: UserId
    email: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailRemoved:
    """A user's mailbox is no longer theirs to be reached at."""

    user_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeleted:
    """A user left; what they were told stays on record."""

    user_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UserForgotten:
    """The key of a user's personal fields was destroyed: what they say on record cannot be read any more."""

    user_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorAppointed:
    """A user may from now on read everybody's audit."""

    operator_id: Id
    user_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorDismissed:
    """A user may no longer read anybody's audit but their own."""

    operator_id: Id
    user_id: UserId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorLooked:
    """An operator asked for what the log holds of somebody else; of everybody, where no subject is named."""

    look_id: Id
    user_id: UserId
    subject: UserId | None
    what: str
    at: datetime


UserEvent: TypeAlias = (
    UserRegistered
    | WalletLinked
    | WalletUnlinked
    | PreferencesChanged
    | TelegramLinked
    | TelegramUnlinked
    | EmailVerified
    | EmailRemoved
    | UserDeleted
    | UserForgotten
)

OperatorEvent: TypeAlias = OperatorAppointed | OperatorDismissed | OperatorLooked
