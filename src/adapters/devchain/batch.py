from collections.abc import Mapping

from web3.types import Nonce
from web3.utils.address import get_create_address

from adapters.devchain.abi import call_data
from adapters.devchain.artifact import Artifact
from adapters.devchain.transaction import Transaction
from domain.shared.chain import Address, address

_CREATION_GAS = 15_000_000
_CALL_GAS = 100_000_000


class Batch:
    """Transactions of one sender, written down before any is sent.

    A contract's address follows from its creator and the creator's count of transactions, so that later ones in
    the same batch can already name it.
    """

    def __init__(self, sender: Address, nonce: int) -> None:
        self.sender = sender
        self.transactions: list[Transaction] = []
        self._nonce = nonce

    def create(
        self, artifact: Artifact, *arguments: object, libraries: Mapping[str, Address] | None = None
    ) -> Address:
        """Add the creation of a contract, and return where it will live."""
        target = created_by(self.sender, self._nonce + len(self.transactions))
        self.transactions.append(
            Transaction(
                label=f"create {artifact.name}",
                sender=self.sender,
                to=None,
                data=artifact.creation(*arguments, libraries=libraries),
                gas=_CREATION_GAS,
            )
        )
        return target

    def call(self, to: Address, signature: str, *arguments: object) -> None:
        """Add a call."""
        data = call_data(signature, *arguments)
        label = f"call {signature.split('(', 1)[0]}"
        self.transactions.append(
            Transaction(label=label, sender=self.sender, to=to, data=data, gas=_CALL_GAS)
        )


def created_by(creator: Address, nonce: int) -> Address:
    """Return the address of the contract that this creator makes with this nonce."""
    return address(get_create_address(address(creator), Nonce(nonce)))  # type: ignore[arg-type]
