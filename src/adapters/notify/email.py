import re
from dataclasses import dataclass

from adapters.notify.letters import letter
from adapters.notify.smtp import MailRelay
from application.alerts.ports import Message, Outcome, Refused
from application.identity.mailboxes import mailbox
from application.shared.ports import Clock
from domain.alerts.events import Purpose
from domain.identity.preferences import Channel
from domain.shared.errors import Invalid

_SENTENCE = re.compile(r"(.+?)[.!?](?:\s|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SmtpNotifier:
    """Hands messages to a mailbox.

    Every copy of an alarm carries the same Message-ID, whichever attempt it came from, so that a mailbox can
    recognise a second one; an all-clear answers its alarm.
    """

    relay: MailRelay
    clock: Clock

    @property
    def channel(self) -> Channel:
        """Email."""
        return Channel.EMAIL

    async def send(self, contact: str, message: Message) -> Outcome:
        """Hand the message over for the mailbox."""
        try:
            to = mailbox(contact)
        except Invalid:
            return Refused("The mailbox on record is not an email address.", final=True)
        composed = letter(
            origin=self.relay.server.origin,
            to=to,
            subject=f"Plimsoll: {_first_sentence(message.text)}",
            text=f"{message.text}\n\n-- \nPlimsoll, alert {message.alert_id}, delivery {message.key}\n",
            message_id=self._message_id(message, message.purpose),
            at=self.clock.now(),
            answers=None if message.purpose is Purpose.ALARM else self._message_id(message, Purpose.ALARM),
        )
        return await self.relay.submit(composed, to=to)

    def _message_id(self, message: Message, purpose: Purpose) -> str:
        return f"<{purpose}.{message.alert_id}@{self.relay.server.origin.domain}>"


def _first_sentence(text: str) -> str:
    found = _SENTENCE.match(text)
    return found[1] if found else text
