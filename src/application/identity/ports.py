from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.identity.user import User, UserChange
from domain.shared.chain import Address, ChainId
from domain.shared.ids import UserId


class Users(Protocol):
    """The people who use Plimsoll. An actor sees themselves only."""

    async def get(self, user_id: UserId) -> User:
        """Return the user, or raise NotFound."""
        ...

    async def hold(self, user_id: UserId) -> User:
        """Return the user, and keep others from changing them until the commit; or raise NotFound."""
        ...

    async def record(self, change: UserChange) -> None:
        """Store the state and append the facts at the commit."""
        ...

    async def having(self, wallet: Address) -> UserId | None:
        """Return the user who signs in with this wallet; works before an actor is known."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A proof of sign-in that lasts until it expires or is closed. Only the SHA-256 of its token is ever stored."""

    token_hash: bytes
    user_id: UserId
    opened_at: datetime
    expires_at: datetime
    name: str = ""


class Sessions(Protocol):
    """Open sign-ins. API tokens are sessions that have a name."""

    async def open(self, session: Session) -> None:
        """Store a new session of the actor."""
        ...

    async def holder(self, token_hash: bytes, at: datetime) -> UserId | None:
        """Return whose token this is, unless it is unknown, closed or expired; works before an actor is known."""
        ...

    async def close(self, token_hash: bytes) -> None:
        """Close the actor's session; closing it twice changes nothing."""
        ...

    async def named(self) -> tuple[Session, ...]:
        """Return the actor's API tokens that are open, newest first."""
        ...


class Nonces(Protocol):
    """Numbers used once, that tie a signature to one request. They work before an actor is known."""

    async def issue(self, nonce: str, *, at: datetime, expires_at: datetime) -> None:
        """Remember a nonce until it expires."""
        ...

    async def spend(self, nonce: str, *, at: datetime) -> bool:
        """Use the nonce up; False when it is unknown, expired or used already. Of two at once, one wins."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCode:
    """A short secret that proves a Telegram chat or mailbox to be the user's. Only its SHA-256 is stored."""

    code_hash: bytes
    user_id: UserId
    channel: str
    contact: str
    expires_at: datetime


class ContactCodes(Protocol):
    """Codes that wait to come back."""

    async def issue(self, code: ContactCode) -> None:
        """Store a code of the actor; an earlier one for the same channel is void."""
        ...

    async def redeem(self, code_hash: bytes, channel: str, *, at: datetime) -> ContactCode | None:
        """Use the code up and return it; None when it is unknown, expired or used. Works for Plimsoll itself too."""
        ...


class IdentityWork(Protocol):
    """What use cases of identity need of their transaction."""

    @property
    def users(self) -> Users:
        """The people."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Their sign-ins."""
        ...

    @property
    def nonces(self) -> Nonces:
        """Numbers used once."""
        ...

    @property
    def contact_codes(self) -> ContactCodes:
        """Codes that wait to come back."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedMessage:
    """What a valid Sign-In with Ethereum message said, its signature verified."""

    wallet: Address
    chain_id: ChainId
    nonce: str
    statement: str


class SignInVerifier(Protocol):
    """Checks EIP-4361 messages."""

    def verify(self, message: str, signature: str, *, at: datetime) -> SignedMessage:
        """Return what the message says.

        Raises Invalid when it is malformed, and Denied when it was signed by another wallet, for another domain or
        URI, is not valid yet, or no longer.
        """
        ...


class CodeMailer(Protocol):
    """Sends a code to a mailbox that is to be proven."""

    async def send_code(self, email: str, code: str) -> None:
        """Send the code, or raise Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """What somebody wrote to Plimsoll's bot."""

    chat_id: str
    text: str


class TelegramInbox(Protocol):
    """What people write to Plimsoll's bot."""

    async def receive(self) -> tuple[IncomingMessage, ...]:
        """Wait for messages (up to the long-poll time) and return them; raises Unavailable."""
        ...

    async def reply(self, chat_id: str, text: str) -> None:
        """Answer in the chat, or raise Unavailable."""
        ...
