import hashlib
from dataclasses import dataclass

from adapters.notify.letters import letter
from adapters.notify.smtp import MailRelay
from application.alerts.ports import Taken
from application.shared.ports import Clock
from domain.shared.errors import Unavailable


@dataclass(frozen=True, slots=True)
class SmtpCodeMailer:
    """Sends the codes that prove a mailbox to be the user's."""

    relay: MailRelay
    clock: Clock

    async def send_code(self, email: str, code: str) -> None:
        """Send the code, or raise Unavailable."""
        origin = self.relay.server.origin
        number = hashlib.sha256(f"{email}\n{code}".encode()).hexdigest()[:32]
        composed = letter(
            origin=origin,
            to=email,
            subject="Plimsoll: your code",
            text=(
                f"Your code is {code[:5]}-{code[5:]}\n\n"
                "Enter it in Plimsoll within ten minutes to get your alerts at this mailbox.\n"
                "If you did not ask for it, somebody mistyped their address, and there is nothing to do.\n"
            ),
            message_id=f"<code.{number}@{origin.domain}>",
            at=self.clock.now(),
        )
        outcome = await self.relay.submit(composed, to=email)
        if not isinstance(outcome, Taken):
            raise Unavailable(f"The code could not be sent. {outcome.reason}")
