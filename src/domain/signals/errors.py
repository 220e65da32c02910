from domain.shared.errors import Conflict, NotFound
from domain.shared.ids import SignalId


class SignalNotFound(NotFound):
    """There is no such signal, or it is another user's."""

    def __init__(self, signal_id: SignalId) -> None:
        super().__init__(f"There is no signal {signal_id}.")


class SignalNotActive(Conflict):
    """Only an active signal changes."""

    def __init__(self, signal_id: SignalId) -> None:
        super().__init__(f"The signal {signal_id} is no longer active.")
