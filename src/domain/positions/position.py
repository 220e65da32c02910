from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from domain.positions.health import Account, HealthFactor
from domain.positions.law import Law
from domain.positions.reserve import EMode, Reserve
from domain.shared.chain import Address, Block, ChainId


class Protocol(StrEnum):
    """A lending protocol and version whose arithmetic Plimsoll knows to the last digit."""

    AAVE_V3 = "aave_v3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A wallet's stake in one reserve, in the token's smallest unit, accrued to the block."""

    reserve: Reserve
    supplied: int = 0
    is_collateral: bool = False
    variable_debt: int = 0
    stable_debt: int = 0

    @property
    def debt(self) -> int:
        """What is owed in this asset, at variable and stable rates together."""
        return self.variable_debt + self.stable_debt


@dataclass(frozen=True, slots=True, kw_only=True)
class LendingPosition:
    """What one wallet owns and owes in one lending market at one block; never changed, only followed by the next.

    `account` is the contract's own answer at that block; a position whose arithmetic we cannot reproduce from the
    legs is not known, and never gets this far. `law` is how the market's release counted at that block.
    """

    wallet: Address
    chain_id: ChainId
    protocol: Protocol
    market: Address
    block: Block
    emode: EMode | None
    legs: tuple[Leg, ...]
    account: Account
    law: Law

    @property
    def health_factor(self) -> HealthFactor | None:
        """The contract's health factor; None without debt."""
        return self.account.health_factor

    def collaterals(self) -> Iterator[Leg]:
        """Yield the legs that secure the debt."""
        return (leg for leg in self.legs if leg.is_collateral and leg.supplied)

    def debts(self) -> Iterator[Leg]:
        """Yield the legs in which something is owed."""
        return (leg for leg in self.legs if leg.debt)


@dataclass(frozen=True, slots=True)
class Unread:
    """A wallet whose position could not be read, and the sentence that says why: unknown, never zero."""

    wallet: Address
    reason: str
