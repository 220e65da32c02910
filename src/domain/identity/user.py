from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, assert_never

from domain.identity.errors import LastWallet, TooManyWallets, UserGone, WalletAlreadyLinked, WalletNotLinked
from domain.identity.events import (
    EmailRemoved,
    EmailVerified,
    PreferencesChanged,
    TelegramLinked,
    TelegramUnlinked,
    UserDeleted,
    UserEvent,
    UserForgotten,
    UserRegistered,
    WalletLinked,
    WalletUnlinked,
)
from domain.identity.preferences import Preferences
from domain.shared.chain import Address
from domain.shared.change import Change
from domain.shared.errors import Invalid
from domain.shared.history import folded
from domain.shared.ids import UserId

MOST_WALLETS = 100
LONGEST_LABEL = 80


@dataclass(frozen=True, slots=True)
class Wallet:
    """An address that the user has proven to hold."""

    address: Address
    label: str
    linked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with proven wallets, preferences and ways to be reached. `wallet_address` is the one that signs in."""

    id: UserId
    wallet_address: Address
    preferences: Preferences
    registered_at: datetime
    wallets: tuple[Wallet, ...] = ()
    telegram_chat_id: str | None = None
    email: str | None = None
    deleted_at: datetime | None = None
    forgotten_at: datetime | None = None
    version: int = 1

    @staticmethod
    def register(*, id: UserId, wallet: Address, preferences: Preferences, at: datetime) -> "UserChange":
        """Open an account for the wallet that signed in, and watch it."""
        registered = UserRegistered(user_id=id, wallet_address=wallet, preferences=preferences, at=at)
        linked = WalletLinked(user_id=id, address=wallet, label="", at=at)
        return Change(User.born(registered).after(linked), (registered, linked))

    @staticmethod
    def born(fact: UserRegistered) -> "User":
        """Return the user as the first fact made them."""
        return User(
            id=fact.user_id,
            wallet_address=fact.wallet_address,
            preferences=fact.preferences,
            registered_at=fact.at,
        )

    def link(self, *, wallet: Address, label: str, at: datetime) -> "UserChange":
        """Watch a wallet whose signature has been verified."""
        if any(known.address == wallet for known in self.wallets):
            raise WalletAlreadyLinked(wallet)
        if len(self.wallets) >= MOST_WALLETS:
            raise TooManyWallets(MOST_WALLETS)
        if len(label) > LONGEST_LABEL or not label.isprintable():
            raise Invalid(f"A label is at most {LONGEST_LABEL} printable characters.")
        return self._then(WalletLinked(user_id=self.id, address=wallet, label=label, at=at))

    def unlink(self, *, wallet: Address, at: datetime) -> "UserChange":
        """Stop watching a wallet."""
        if all(known.address != wallet for known in self.wallets):
            raise WalletNotLinked(wallet)
        if wallet == self.wallet_address:
            raise LastWallet(wallet)
        return self._then(WalletUnlinked(user_id=self.id, address=wallet, at=at))

    def prefer(self, preferences: Preferences, *, at: datetime) -> "UserChange":
        """Change what to be told; saying the same again changes nothing."""
        if preferences == self.preferences:
            return Change(self, ())
        return self._then(PreferencesChanged(user_id=self.id, preferences=preferences, at=at))

    def reach_by_telegram(self, chat_id: str | None, *, at: datetime) -> "UserChange":
        """Take the chat from which the user's code came, or forget it."""
        if chat_id == self.telegram_chat_id:
            return Change(self, ())
        if chat_id is None:
            return self._then(TelegramUnlinked(user_id=self.id, at=at))
        return self._then(TelegramLinked(user_id=self.id, chat_id=chat_id, at=at))

    def reach_by_email(self, email: str | None, *, at: datetime) -> "UserChange":
        """Take the mailbox from which the user's code came, or forget it."""
        if email == self.email:
            return Change(self, ())
        if email is None:
            return self._then(EmailRemoved(user_id=self.id, at=at))
        return self._then(EmailVerified(user_id=self.id, email=email, at=at))

    def delete(self, *, at: datetime) -> "UserChange":
        """Leave: nothing is watched any more, and what was said stays on record."""
        return self._then(UserDeleted(user_id=self.id, at=at))

    def forget(self, *, at: datetime) -> "UserChange":
        """Leave for ever, also after having left: nothing that says who this was is kept. Once is enough."""
        if self.forgotten_at is not None:
            return Change(self, ())
        fact = UserForgotten(user_id=self.id, at=at)
        return Change(self.after(fact), (fact,))

    def after(self, fact: UserEvent) -> "User":
        """Return the user as the fact left them."""
        version = self.version + 1
        match fact:
            case UserRegistered():
                return User.born(fact)
            case WalletLinked(address=address, label=label, at=at):
                return replace(self, wallets=(*self.wallets, Wallet(address, label, at)), version=version)
            case WalletUnlinked(address=address):
                kept = tuple(wallet for wallet in self.wallets if wallet.address != address)
                return replace(self, wallets=kept, version=version)
            case PreferencesChanged(preferences=preferences):
                return replace(self, preferences=preferences, version=version)
            case TelegramLinked(chat_id=chat_id):
                return replace(self, telegram_chat_id=chat_id, version=version)
            case TelegramUnlinked():
                return replace(self, telegram_chat_id=None, version=version)
            case EmailVerified(email=email):
                return replace(self, email=email, version=version)
            case EmailRemoved():
                return replace(self, email=None, version=version)
            case UserDeleted(at=at):
                return replace(self._gone(at), version=version)
            case UserForgotten(at=at):
                return replace(self._gone(self.deleted_at or at), forgotten_at=at, version=version)
            case _:
                assert_never(fact)

    @staticmethod
    def folded(facts: Iterable[UserEvent]) -> "User":
        """Rebuild the user from their whole history."""
        return folded(facts, first=UserRegistered, born=User.born, after=User.after)

    def _gone(self, at: datetime) -> "User":
        return replace(self, wallets=(), telegram_chat_id=None, email=None, deleted_at=at)

    def _then(self, fact: UserEvent) -> "UserChange":
        if self.deleted_at is not None:
            raise UserGone
        return Change(self.after(fact), (fact,))


UserChange: TypeAlias = Change[User, UserEvent]
