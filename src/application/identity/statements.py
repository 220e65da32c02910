from domain.shared.ids import UserId

SIGN_IN = "Sign in to Plimsoll."
"""What a sign-in message may say; another statement is accepted too, so long as it does not link a wallet."""

_LINKING = "Link this wallet to my Plimsoll account"


def linking(user_id: UserId) -> str:
    """Return the statement that a wallet signs to be linked to this very account, and no other."""
    return f"{_LINKING} {user_id}."


def links(statement: str) -> bool:
    """Say whether a statement is for linking: such a signature must never sign anybody in."""
    return statement.startswith(_LINKING)
