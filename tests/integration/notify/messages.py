from application.alerts.ports import Message
from domain.alerts.events import Purpose
from domain.shared.ids import AlertId, DeliveryId, Id, id_of
from domain.signals.events import Severity

ALERT = AlertId(Id("01900000-0000-7000-8000-00000000a1e7"))
TEXT = (
    "Critical: the health factor is 1.0432, below your 1.15. Below 1 anybody may liquidate the position; "
    "repay debt or add collateral now. Wallet 0x1234…abcd on Aave v3 (chain 1), block 17 (0x01234567…)."
)


def message(text: str = TEXT, *, attempt: int = 1, purpose: Purpose = Purpose.ALARM) -> Message:
    return Message(
        key=DeliveryId(id_of(attempt)),
        alert_id=ALERT,
        purpose=purpose,
        severity=Severity.CRITICAL,
        text=text,
    )
