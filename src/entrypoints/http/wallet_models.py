from datetime import datetime

from pydantic import Field

from domain.identity.user import LONGEST_LABEL, Wallet
from entrypoints.http.auth import SignInBody
from entrypoints.http.frame.fields import WalletAddress
from entrypoints.http.frame.models import Params, View


class WalletView(View):
    """A proven wallet."""

    address: str
    label: str
    linked_at: datetime

    @staticmethod
    def of(wallet: Wallet) -> "WalletView":
        """Show a wallet."""
        return WalletView(address=wallet.address, label=wallet.label, linked_at=wallet.linked_at)


class WalletsView(View):
    """The caller's wallets, and the statement that another one has to sign to be linked."""

    items: tuple[WalletView, ...]
    linking_statement: str = Field(
        description="The statement of the message that links a wallet to this account."
    )


class LinkBody(SignInBody):
    """A message that the wallet itself has signed, with the linking statement and a fresh nonce."""

    label: str = Field("", max_length=LONGEST_LABEL)


class WalletPath(Params):
    """Which wallet."""

    address: WalletAddress
