from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from adapters.evm.aave_v3.codec import word
from adapters.evm.aave_v3.listing import Listed, Listing
from domain.positions.position import Unread
from domain.shared.chain import Address

Use: TypeAlias = tuple[Listed, bool, bool]
"""A reserve, whether it serves the wallet as collateral, and whether the wallet has borrowed it."""

NONE = bytes(32)
"""The word zero."""


@dataclass(frozen=True, slots=True)
class Stake:
    """A wallet with a position, and what its bit field says of each reserve of the market."""

    wallet: Address
    uses: tuple[Use, ...]
    questions: int
    """How many calls show the position: the account, a supply for each reserve, the debts of those borrowed."""


def stakes_in(
    listing: Listing, bits_of: Iterable[tuple[Address, bytes | None]]
) -> tuple[list[Stake], tuple[Address, ...], list[Unread]]:
    """Sort wallets by their bit fields into those with a position, those without, and those not known."""
    stakes, without, unread = [], [], []
    known: dict[bytes, tuple[tuple[Use, ...], int]] = {}
    for wallet, bits in bits_of:
        if bits == NONE:
            without.append(wallet)
        elif bits is None or len(bits) != 32:
            unread.append(Unread(wallet, "The wallet's use of the market could not be read at this block."))
        else:
            if bits not in known:
                uses = _uses(listing, word(bits))
                known[bits] = uses, 1 + sum(map(_balances, uses))
            stakes.append(Stake(wallet, *known[bits]))
    return stakes, tuple(without), unread


def emode_in(answer: bytes | None) -> int | None:
    """Return the e-mode that `getUserEMode` names: zero for none, None where it is not known."""
    number = int.from_bytes(answer, "big") if answer is not None and len(answer) == 32 else None
    return number if number is not None and number < 256 else None


def _uses(listing: Listing, bits: int) -> tuple[Use, ...]:
    """Take a user's bit field apart: two bits a reserve, borrowing below collateral; source: UserConfiguration.sol."""
    return tuple(
        (one, bool(bits >> 2 * one.id + 1 & 1), bool(bits >> 2 * one.id & 1)) for one in listing.reserves
    )


def _balances(use: Use) -> int:
    listed, _, borrowed = use
    return 1 + borrowed * (1 if listed.stable_debt is None else 2)
