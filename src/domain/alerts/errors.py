from domain.shared.errors import Conflict, NotFound
from domain.shared.ids import AlertId, DeliveryId


class AlertNotFound(NotFound):
    """There is no such alert, or it is another user's."""

    def __init__(self, alert_id: AlertId) -> None:
        super().__init__(f"There is no alert {alert_id}.")


class AlertOver(Conflict):
    """A resolved alert asks for nothing more."""

    def __init__(self, alert_id: AlertId) -> None:
        super().__init__(f"The alert {alert_id} is resolved already.")


class DeliverySettled(Conflict):
    """An attempt has one outcome."""

    def __init__(self, delivery_id: DeliveryId) -> None:
        super().__init__(f"The outcome of delivery {delivery_id} is on record already.")
