from tests.integration.notify.messages import ALERT, message

from adapters.notify.in_app import InAppNotifier
from application.alerts.ports import Taken
from domain.identity.preferences import Channel


async def test_the_app_always_takes_a_message() -> None:
    app = InAppNotifier()
    assert app.channel is Channel.IN_APP
    assert await app.send("anybody", message()) == Taken({"alert_id": str(ALERT)})
