import asyncio
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
)
from aiosmtplib.response import SMTPResponse

from adapters.notify.mail_server import Encryption, MailServer
from adapters.notify.quoting import quoted
from application.alerts.ports import Lost, Outcome, Refused, Taken

_FAREWELL = 1.0


@dataclass(slots=True)
class _Progress:
    """How far a letter has come; from the final dot on, nobody but the server knows whether it was taken."""

    doing: str = "connecting"
    dotted: bool = False


class MailRelay:
    """Hands one letter to the mail server over a connection of its own."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self._trust = server.trust()

    async def submit(self, message: EmailMessage, *, to: str) -> Outcome:
        """Hand the letter over and say what became of it; never raises for what the outside does."""
        client = self._client()
        progress = _Progress()
        try:
            async with asyncio.timeout(self.server.patience):
                reply = await self._hand_over(client, progress, message, to)
            outcome = self._taken(reply, message, to)
            with suppress(SMTPException, OSError):
                await client.quit(timeout=_FAREWELL)
        except SMTPResponseException as answer:
            return self._judged(progress, answer, to)
        except (SMTPException, OSError) as silence:
            return self._unheard(progress, silence)
        finally:
            client.close()
        return outcome

    def _client(self) -> SMTP:
        server = self.server
        return SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=server.origin.domain,
            timeout=server.patience,
            use_tls=server.encryption is Encryption.IMPLICIT,
            start_tls=False,
            tls_context=self._trust,
        )

    async def _hand_over(
        self, client: SMTP, progress: _Progress, message: EmailMessage, to: str
    ) -> SMTPResponse:
        server = self.server
        await client.connect()
        progress.doing = "the greeting"
        await client.ehlo()
        if server.encryption is Encryption.STARTTLS:
            progress.doing = "encryption"
            await client.starttls()
        if server.username is not None and server.password is not None:
            progress.doing = "signing in"
            await client.login(server.username, server.password)
        progress.doing = "naming the sender"
        await client.mail(server.origin.addr_spec)
        progress.doing = "naming the mailbox"
        await client.rcpt(to)
        progress.doing = "announcing the letter"
        return await _data(client, progress, message.as_bytes())

    def _taken(self, reply: SMTPResponse, message: EmailMessage, to: str) -> Taken:
        words = quoted(f"{reply.code} {reply.message}", hiding=(to,))
        return Taken({"reply": words, "message_id": str(message["Message-ID"])})

    def _judged(self, progress: _Progress, answer: SMTPResponseException, to: str) -> Outcome:
        if not 400 <= answer.code < 600:
            return self._unheard(progress, answer)
        if progress.doing == "signing in":
            return Refused(
                f"The mail server does not accept Plimsoll's user name and password (code {answer.code}); "
                "whoever runs Plimsoll has to set valid ones.",
                final=answer.code >= 500,
            )
        words = quoted(f"{answer.code} {answer.message}", hiding=(to, self.server.username))
        final = answer.code >= 500 and progress.doing != "encryption"
        return Refused(f"The mail server refused at {progress.doing}: {words}", final=final)

    def _unheard(self, progress: _Progress, silence: Exception) -> Outcome:
        if progress.dotted:
            return Lost(
                "The letter went out, but the mail server's answer to it did not come or makes no sense."
            )
        if _is_tls(silence) or progress.doing == "encryption":
            return Refused(
                "The mail server offers no encryption that can be trusted (STARTTLS missing, or its certificate "
                "is not valid for its name); nothing was sent."
            )
        if progress.doing == "connecting":
            return Refused("The mail server cannot be reached.")
        if progress.doing == "signing in" and type(silence) is SMTPException:
            return Refused("The mail server offers no way of signing in that Plimsoll knows.")
        return Refused(f"The mail server broke off at {progress.doing}, before it had the letter.")


async def _data(client: SMTP, progress: _Progress, letter: bytes) -> SMTPResponse:
    """Send the letter like aiosmtplib's `data`, but know whether the final dot went out."""
    ready = await client.execute_command(b"DATA")
    if ready.code != 354:
        raise SMTPDataError(ready.code, ready.message)
    line = client.protocol
    if line is None:
        raise SMTPServerDisconnected("Connection lost")
    line.write(re.sub(rb"(?m)^\.", b"..", letter))
    await asyncio.sleep(0)  # a connection that is known to be dead by now has not seen the dot
    line.write(b".\r\n")
    progress.doing, progress.dotted = "taking the letter", True
    reply = await line.read_response(timeout=client.timeout)
    if not 200 <= reply.code < 300:
        raise SMTPDataError(reply.code, reply.message)
    return reply


def _is_tls(error: BaseException | None) -> bool:
    return isinstance(error, ssl.SSLError) or (error is not None and _is_tls(error.__cause__))
