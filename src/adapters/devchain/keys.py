from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from domain.shared.chain import Address, address


def key_of(name: str) -> LocalAccount:
    """Return the key of a named actor on the local chain, the same on every run.

    Anybody can compute it from the name, so it must never hold anything of worth.
    """
    account: LocalAccount = Account.from_key(keccak(text=f"plimsoll local chain: {name}"))
    return account


def address_of(name: str) -> Address:
    """Return the address of a named actor."""
    return address(key_of(name).address)
