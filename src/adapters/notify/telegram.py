from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, Field, ValidationError

from adapters.notify.bot_api import Answered, BotApi, Unanswered
from adapters.notify.quoting import masked, sayable
from application.alerts.ports import Lost, Message, Outcome, Refused, Taken
from domain.identity.preferences import Channel
from domain.shared.ids import AlertId

LONGEST = 4096
"""What Telegram takes in one message, in UTF-16 units."""

_LONGEST_PAUSE = timedelta(days=1)
_LAST_SECOND = 253_402_300_799


class SentMessage(BaseModel):
    """The part of Telegram's receipt that is kept."""

    message_id: int
    date: int = Field(ge=0, le=_LAST_SECOND)


@dataclass(frozen=True, slots=True)
class TelegramNotifier:
    """Hands messages to a Telegram chat through a bot, as plain text."""

    api: BotApi
    patience: float = 15

    @property
    def channel(self) -> Channel:
        """Telegram."""
        return Channel.TELEGRAM

    async def send(self, contact: str, message: Message) -> Outcome:
        """Send the message to the chat with this id; one that is too long is shortened and says where the rest is."""
        reply = await self.api.call(
            "sendMessage",
            {
                "chat_id": contact,
                "text": shortened(sayable(message.text), message.alert_id),
                "link_preview_options": {"is_disabled": True},
            },
            patience=self.patience,
        )
        match reply:
            case Unanswered(reason=reason, sent=True):
                return Lost(reason)
            case Unanswered(reason=reason):
                return Refused(reason)
            case Answered(status=200, envelope=envelope) if envelope is not None and envelope.ok:
                return _taken(contact, envelope.result)
            case Answered():
                return _refused(reply)


def shortened(text: str, alert_id: AlertId) -> str:
    """Return the text if Telegram takes it whole, or else its beginning and where to read the rest."""
    if _units(text) <= LONGEST:
        return text
    pointer = f"… (shortened: alert {alert_id} in the app has the rest)"
    kept = text.encode("utf-16-le")[: 2 * (LONGEST - _units(pointer))].decode("utf-16-le", "ignore")
    return kept.rstrip() + pointer


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _taken(contact: str, result: object) -> Outcome:
    try:
        sent = SentMessage.model_validate(result)
    except ValidationError:
        return Lost("Telegram agreed, but gave no receipt that can be understood.")
    date = datetime.fromtimestamp(sent.date, UTC).isoformat().replace("+00:00", "Z")
    return Taken({"message_id": str(sent.message_id), "date": date, "chat": masked(contact)})


def _refused(answer: Answered) -> Outcome:
    if answer.envelope is None:
        if answer.status < 300:
            return Lost("Something answered in Telegram's place that is not the Bot API.")
        return Refused(f"The Bot API is not at its best: HTTP status {answer.status}.")
    match answer.status:
        case 429:
            parameters = answer.envelope.parameters
            seconds = max(parameters.retry_after or 0, 0) if parameters else 0
            pause = min(timedelta(seconds=min(seconds, 10**6)), _LONGEST_PAUSE) if seconds else None
            return Refused(f"Telegram asks to wait: {answer.words}.", retry_after=pause)
        case 401 | 404:
            return Refused(
                f"Telegram does not know the bot's token ({answer.words}); "
                "whoever runs Plimsoll has to set a valid one.",
                final=True,
            )
        case 400 | 403:
            return Refused(f"Telegram will not deliver to this chat: {answer.words}.", final=True)
        case _:
            return Refused(f"Telegram did not take the message: {answer.words}.")
