import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

_PATIENCE = 60
_MOST_BYTES = 2**20


class Stage(StrEnum):
    """Where in a letter's way a mail server may let its client down."""

    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    DOT = "DOT"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens there: the server says this, or hangs up when it says nothing. `takes` keeps the letter first."""

    stage: Stage
    says: str | None = None
    takes: bool = False


class _Intake:
    """aiosmtpd's way of handing a letter on. A handler that is the server itself lets its errors recurse."""

    def __init__(self, receive: Callable[[Envelope], Awaitable[str]]) -> None:
        self._receive = receive

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return await self._receive(envelope)


class Conversation(SMTP):
    """One client's connection, with the trouble that it meets."""

    def __init__(
        self,
        take: Callable[[Envelope], Awaitable[None]],
        *,
        trouble: Trouble | None,
        accounts: Mapping[str, str],
        certificate: ssl.SSLContext | None,
        opened: Callable[["Conversation"], None],
        ended: Callable[["Conversation"], None],
    ) -> None:
        self._take = take
        self._trouble = trouble
        self._accounts = accounts
        self._opened = opened
        self._ended = ended
        super().__init__(
            _Intake(self.receive),
            hostname="localhost",
            ident="Plimsoll's mailbox",
            tls_context=certificate,
            require_starttls=certificate is not None,
            auth_required=bool(accounts),
            authenticator=self._known,
            data_size_limit=_MOST_BYTES,
            timeout=_PATIENCE,
            loop=asyncio.get_running_loop(),
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the server know whom to hang up on when it stops."""
        self._opened(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Let the server know that this is over."""
        self._ended(self)
        super().connection_lost(error)

    def hang_up(self) -> None:
        """Break the connection off."""
        if self.transport is not None:
            cast("asyncio.WriteTransport", self.transport).abort()

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        """Take the sender, unless there is trouble."""
        if not await self._troubled(Stage.MAIL):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        """Take a recipient, unless there is trouble."""
        if not await self._troubled(Stage.RCPT):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        """Ask for the letter, unless there is trouble."""
        if not await self._troubled(Stage.DATA):
            await super().smtp_DATA(arg)

    async def receive(self, envelope: Envelope) -> str:
        """Take the letter, unless there is trouble, and return what to say to that."""
        trouble = self._trouble if self._trouble and self._trouble.stage is Stage.DOT else None
        if trouble is None or trouble.takes:
            await self._take(envelope)
        if trouble is None:
            return "250 2.0.0 OK: kept"
        if trouble.says is None:
            await self._vanish()
        return trouble.says or ""

    async def _troubled(self, stage: Stage) -> bool:
        trouble = self._trouble
        if trouble is None or trouble.stage is not stage:
            return False
        if trouble.says is None:
            await self._vanish()
        await self.push(trouble.says or "")
        return True

    async def _vanish(self) -> None:
        self.hang_up()
        await asyncio.Event().wait()  # the loss of the connection cancels this conversation

    def _known(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, proof: object
    ) -> AuthResult:
        if not isinstance(proof, LoginPassword):
            return AuthResult(success=False, handled=False)
        expected = self._accounts.get(proof.login.decode("utf-8", "replace"))
        right = expected is not None and proof.password == expected.encode()
        return AuthResult(success=right, handled=False)
