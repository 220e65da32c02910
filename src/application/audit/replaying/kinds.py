from application.audit.ports import State
from application.audit.replaying.fold import Kind
from domain.identity.user import User
from domain.intents.states import Intent
from domain.shared.ids import UserId


def kind_of_state(state: State) -> Kind:
    """Say of which kind a state is."""
    return Kind.INTENT if isinstance(state, Intent) else Kind(type(state).__name__.lower())


def owner_of(state: State) -> UserId:
    """Say which user a state belongs to; a user belongs to themselves."""
    return UserId(state.id) if isinstance(state, User) else state.user_id
