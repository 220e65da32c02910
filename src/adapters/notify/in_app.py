from dataclasses import dataclass

from application.alerts.ports import Message, Outcome, Taken
from domain.identity.preferences import Channel


@dataclass(frozen=True, slots=True)
class InAppNotifier:
    """The app itself: what an alert says is stored before it is delivered, so that this channel always takes it."""

    @property
    def channel(self) -> Channel:
        """The app."""
        return Channel.IN_APP

    async def send(self, contact: str, message: Message) -> Outcome:
        """Confirm that the user finds the message among their alerts."""
        return Taken({"alert_id": message.alert_id})
