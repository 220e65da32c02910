from datetime import UTC, datetime

from adapters.system.ids import SystemIds
from domain.alerts.events import AlertSent
from domain.identity.preferences import Channel
from domain.shared.ids import AlertId, UserId

IDS = SystemIds()
ME, SOMEBODY = UserId(IDS.new()), UserId(IDS.new())


def alert() -> AlertId:
    return AlertId(IDS.new())


def sent(stream: AlertId, to: UserId = ME) -> AlertSent:
    return AlertSent(alert_id=stream, user_id=to, channel=Channel.IN_APP, at=datetime(2026, 1, 1, tzinfo=UTC))
