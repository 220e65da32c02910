from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from domain.identity.preferences import Preferences
from domain.shared.chain import Address
from domain.shared.ids import UserId


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
)
