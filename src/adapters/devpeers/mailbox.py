import asyncio
import email
import logging
import ssl
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from aiosmtpd.smtp import Envelope

from adapters.devpeers.certificate import self_signed
from adapters.devpeers.conversation import Conversation, Trouble
from domain.shared.errors import Unavailable

_MOST_KEPT = 10_000
_FAREWELL = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter that the server took. `taken_at` is the monotonic time of that, in seconds."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    taken_at: float


class LocalMailbox:
    """A mail server on the loopback address that keeps every letter and delivers none.

    It serves only over STARTTLS, unless told to have no certificate; clients trust it by the file `ca_file`.
    """

    def __init__(
        self, *, accounts: Mapping[str, str], certificate: ssl.SSLContext | None, ca_file: Path
    ) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self.ca_file = ca_file
        self.letters: deque[Letter] = deque(maxlen=_MOST_KEPT)
        self._accounts = dict(accounts)
        self._certificate = certificate
        self._troubles: deque[Trouble] = deque()
        self._changed = asyncio.Condition()
        self._open: set[Conversation] = set()

    @classmethod
    @asynccontextmanager
    async def running_while(
        cls,
        *,
        port: int = 0,
        accounts: Mapping[str, str] | None = None,
        names: tuple[str, ...] = ("127.0.0.1", "localhost"),
        starttls: bool = True,
    ) -> AsyncIterator["LocalMailbox"]:
        """Serve for as long as the block lasts; port 0 takes a free one. Raises Unavailable when it is taken.

        With `accounts` (passwords by user name) it serves only who signs in; `names` are those in its certificate.
        """
        with tempfile.TemporaryDirectory(prefix="plimsoll-mailbox-") as folder:
            certificate, ca_file = self_signed(Path(folder), *names)
            server = cls(
                accounts=accounts or {}, certificate=certificate if starttls else None, ca_file=ca_file
            )
            logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd's, which tells every line
            listener = await server._listen(port)
            try:
                yield server
            finally:
                listener.close()
                await server._part()

    def trouble(self, *troubles: Trouble) -> None:
        """Let the next connections meet these troubles, one each."""
        self._troubles.extend(troubles)

    async def until_taken(self, number: int, *, patience: float = 10) -> Letter:
        """Wait until so many letters were taken, and return the last of them; raises TimeoutError."""
        async with asyncio.timeout(patience), self._changed:
            await self._changed.wait_for(lambda: len(self.letters) >= number)
            return self.letters[number - 1]

    async def _listen(self, port: int) -> asyncio.Server:
        try:
            listener = await asyncio.get_running_loop().create_server(self._conversation, self.host, port)
        except OSError as error:
            raise Unavailable(
                f"Port {port} is taken by another program; choose another one, or 0 for any that is free."
            ) from error
        self.port = listener.sockets[0].getsockname()[1]
        return listener

    def _conversation(self) -> Conversation:
        return Conversation(
            self._take,
            trouble=self._troubles.popleft() if self._troubles else None,
            accounts=self._accounts,
            certificate=self._certificate,
            opened=self._open.add,
            ended=self._open.discard,
        )

    async def _part(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL):
                while self._open:
                    for conversation in self._open:
                        conversation.hang_up()
                    await asyncio.sleep(0.001)
        await asyncio.sleep(0)

    async def _take(self, envelope: Envelope) -> None:
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        letter = Letter(
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            message=email.message_from_bytes(content.replace(b"\r\n", b"\n"), policy=default),
            taken_at=time.monotonic(),
        )
        async with self._changed:
            self.letters.append(letter)
            self._changed.notify_all()
