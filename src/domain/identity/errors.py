from domain.shared.chain import Address, short
from domain.shared.errors import Conflict, NotFound
from domain.shared.ids import UserId


class UserGone(Conflict):
    """A deleted user does nothing more."""

    def __init__(self) -> None:
        super().__init__("This account was deleted; sign in again to open a new one.")


class WalletAlreadyLinked(Conflict):
    """A wallet is linked once."""

    def __init__(self, wallet: Address) -> None:
        super().__init__(f"The wallet {short(wallet)} is linked to your account already.")


class WalletNotLinked(NotFound):
    """Only a linked wallet can be unlinked or asked about."""

    def __init__(self, wallet: Address) -> None:
        super().__init__(f"The wallet {short(wallet)} is not linked to your account.")


class LastWallet(Conflict):
    """The wallet that signs in stays."""

    def __init__(self, wallet: Address) -> None:
        super().__init__(
            f"You sign in with {short(wallet)}; it cannot be unlinked, but you can delete the account."
        )


class TooManyWallets(Conflict):
    """A user's wallets are bounded."""

    def __init__(self, most: int) -> None:
        super().__init__(f"An account holds at most {most} wallets; unlink one first.")


class OperatorAlready(Conflict):
    """An operator need not be appointed again."""

    def __init__(self, user_id: UserId) -> None:
        super().__init__(f"The user {user_id} is an operator already.")


class OperatorNoMore(Conflict):
    """Only an operator can be dismissed."""

    def __init__(self, user_id: UserId) -> None:
        super().__init__(f"The user {user_id} is no operator.")
