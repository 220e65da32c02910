from domain.shared.errors import Conflict, Invalid, NotFound
from domain.shared.ids import IntentId


class IntentNotFound(NotFound):
    """There is no such intent, or it is another user's."""

    def __init__(self, intent_id: IntentId) -> None:
        super().__init__(f"There is no intent {intent_id}.")


class IntentNotCancellable(Conflict):
    """What is under way, or over, cannot be taken back."""

    def __init__(self, intent_id: IntentId, status: str) -> None:
        super().__init__(f"The intent {intent_id} is {status} and cannot be cancelled any more.")


class IntentRefused(Invalid):
    """A policy says no; the sentence is the policy's."""
