import re
from dataclasses import dataclass, field
from datetime import datetime

from application.identity.codes import LIFETIME, RANDOM_BYTES, IssuedCode, digest, drawn, normal
from application.identity.ports import ContactCode, IdentityWork, IncomingMessage, TelegramInbox
from application.identity.strangers import Strangers
from application.shared.ports import Begin, Clock, Ids
from domain.identity.errors import UserGone
from domain.identity.preferences import Channel
from domain.shared.errors import NotFound, StaleWrite, Unavailable
from domain.shared.ids import UserId

_START = re.compile(r"/start(?:@\w{1,64})?(?:\s+|$)")

HELLO = (
    "This is Plimsoll's bot. To get your alerts here, ask Plimsoll for a Telegram code and send me that code "
    "within ten minutes."
)
UNKNOWN = "I do not know this code: it was used already, or has expired. Ask Plimsoll for a new one and send it here."
LATER = "I cannot look at your code at this moment. Please send it again in a minute."
LINKED = "This chat is linked to your Plimsoll account."
SWITCHED_OFF = " Alerts come here once you switch the channel telegram on in your preferences."


@dataclass(frozen=True, slots=True)
class IssueTelegramCode:
    """Give a user the code that proves a Telegram chat to be theirs, once they send it to the bot from there."""

    begin: Begin[IdentityWork]
    clock: Clock
    ids: Ids

    async def __call__(self, *, actor: UserId) -> IssuedCode:
        """Return the code; an earlier one is void."""
        code, expires_at = drawn(self.ids.secret(RANDOM_BYTES)), self.clock.now() + LIFETIME
        async with self.begin(actor) as work:
            user = await work.users.get(actor)
            if user.deleted_at is not None:
                raise UserGone
            await work.contact_codes.issue(
                ContactCode(
                    code_hash=digest(code),
                    user_id=actor,
                    channel=Channel.TELEGRAM,
                    contact="",
                    expires_at=expires_at,
                )
            )
        return IssuedCode(code=code, expires_at=expires_at)


@dataclass(frozen=True, slots=True)
class ReceiveTelegramCodes:
    """Read once what people wrote to the bot, and link the chats from which codes came.

    Anybody can write to a bot: each chat gets a few answers in ten minutes, and a pass answers few strangers, so
    that they cannot use up the pace at which Telegram lets alarms out.
    """

    begin: Begin[IdentityWork]
    inbox: TelegramInbox
    clock: Clock
    strangers: Strangers = field(default_factory=Strangers)

    async def __call__(self) -> int:
        """Wait for messages, answer them, and return how many chats were linked; raises Unavailable."""
        linked = 0
        messages = await self.inbox.receive()
        self.strangers.begin_pass()
        for message in messages:
            linked += await self._handle(message)
        return linked

    async def _handle(self, message: IncomingMessage) -> bool:
        at = self.clock.now()
        if not self.strangers.may_try(message.chat_id, at):
            return False
        text = message.text[:200].strip()
        code = normal(_START.sub("", text, count=1))
        try:
            answer = await self._linked(code, message.chat_id, at) if code else None
        except Unavailable:
            await self._say(message.chat_id, LATER)
            return False
        except UserGone as gone:
            await self._say(message.chat_id, str(gone))
            return False
        if answer is not None:
            self.strangers.forget(message.chat_id)
            await self._say(message.chat_id, answer)
            return True
        if self.strangers.may_be_answered():
            await self._say(message.chat_id, UNKNOWN if code else HELLO)
        return False

    async def _linked(self, code: str, chat_id: str, at: datetime) -> str | None:
        while True:
            try:
                async with self.begin(None) as work:
                    found = await work.contact_codes.redeem(digest(code), Channel.TELEGRAM, at=at)
                    if found is None:
                        return None
                    user = await work.users.get(found.user_id)
                    change = user.reach_by_telegram(chat_id, at=at)
                    await work.users.record(change)
            except StaleWrite:
                continue  # the user changed something else meanwhile; the code was not used up
            except NotFound:
                return None
            wanted = Channel.TELEGRAM in user.preferences.notification_channels
            return LINKED if wanted else LINKED + SWITCHED_OFF

    async def _say(self, chat_id: str, text: str) -> None:
        try:
            await self.inbox.reply(chat_id, text)
        except Unavailable:
            return  # what was linked stays linked; the answer was a courtesy
