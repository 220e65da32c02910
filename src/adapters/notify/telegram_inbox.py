from pydantic import BaseModel, ValidationError

from adapters.notify.bot_api import Answered, BotApi, Envelope, Unanswered
from adapters.notify.quoting import sayable
from application.identity.ports import IncomingMessage
from domain.shared.errors import Unavailable

_MOST_AT_ONCE = 50


class Chat(BaseModel):
    """Where somebody writes."""

    id: int
    type: str


class Written(BaseModel):
    """A message as far as it matters here."""

    chat: Chat
    text: str | None = None


class Numbered(BaseModel):
    """The part of every update that says how far the inbox was read."""

    update_id: int


class Update(Numbered):
    """An update that is a message."""

    message: Written


class BotInbox:
    """Reads what people write to the bot in private, by long polling; groups are not listened to.

    Telegram keeps what was not confirmed: a restart reads the last batch again, and never loses one. Only one
    inbox may read a bot at a time.
    """

    def __init__(self, api: BotApi, *, wait: int = 25, patience: float = 15) -> None:
        self._api = api
        self._wait = wait
        self._patience = patience
        self._offset: int | None = None

    async def receive(self) -> tuple[IncomingMessage, ...]:
        """Wait up to `wait` seconds for messages and return them; raises Unavailable."""
        parameters: dict[str, object] = {
            "timeout": self._wait,
            "limit": _MOST_AT_ONCE,
            "allowed_updates": ["message"],
        }
        if self._offset is not None:
            parameters["offset"] = self._offset
        envelope = await self._called("getUpdates", parameters, patience=self._wait + self._patience)
        if not isinstance(envelope.result, list):
            raise Unavailable("The Bot API's answer to getUpdates cannot be understood.")
        return tuple(message for one in envelope.result if (message := self._noted(one)) is not None)

    async def reply(self, chat_id: str, text: str) -> None:
        """Answer in the chat, or raise Unavailable."""
        await self._called(
            "sendMessage", {"chat_id": chat_id, "text": sayable(text)}, patience=self._patience
        )

    def _noted(self, update: object) -> IncomingMessage | None:
        try:
            number = Numbered.model_validate(update).update_id
            self._offset = max(self._offset or 0, number + 1)
            message = Update.model_validate(update).message
        except ValidationError:
            return None  # a photograph, a button, or something newer than we are
        if message.chat.type != "private" or message.text is None:
            return None
        return IncomingMessage(chat_id=str(message.chat.id), text=message.text)

    async def _called(self, method: str, parameters: dict[str, object], *, patience: float) -> Envelope:
        reply = await self._api.call(method, parameters, patience=patience)
        match reply:
            case Unanswered(reason=reason):
                raise Unavailable(reason)
            case Answered(envelope=envelope) if envelope is not None and envelope.ok:
                return envelope
            case Answered(status=409, envelope=envelope) if envelope is not None:
                raise Unavailable(f"Another program reads this bot's messages: {reply.words}.")
            case Answered():
                raise Unavailable(f"The Bot API did not answer {method}: {reply.words}.")
