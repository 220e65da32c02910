from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.shared.chain import Address, ChainId
from domain.shared.errors import Invalid


class ActionKind(StrEnum):
    """What an intent may do."""

    REPAY = "repay"
    SUPPLY = "supply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The health factor of one of the user's wallets falls below a number."""

    wallet: Address
    chain_id: ChainId
    health_factor_below: Decimal

    def __post_init__(self) -> None:
        """Refuse a number at which it would be too late, or always true."""
        number = self.health_factor_below
        if not number.is_finite() or not 1 < number <= 100 or len(number.as_tuple().digits) > 24:
            raise Invalid("An intent's health factor has to be a number above 1 and at most 100.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """So many whole tokens of an asset are repaid or supplied."""

    kind: ActionKind
    asset: Address
    amount: Decimal

    def __post_init__(self) -> None:
        """Refuse an amount that no chain can hold."""
        if not _holdable(self.amount):
            raise Invalid("An intent's amount has to be positive, below 10^60, with at most 18 decimals.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much an intent may ever move, in whole tokens of its asset, and how often."""

    total: Decimal
    times: int
    pause: timedelta

    def __post_init__(self) -> None:
        """Refuse limits that allow nothing, or anything."""
        if not _holdable(self.total):
            raise Invalid(
                "An intent's total limit has to be positive, below 10^60, with at most 18 decimals."
            )
        if not 1 <= self.times <= 1000:
            raise Invalid("An intent acts between 1 and 1000 times.")
        if not timedelta(0) <= self.pause <= timedelta(days=30):
            raise Invalid("The pause between two actions is at most 30 days.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Everything that the user said beforehand, unchanged for the intent's whole life."""

    condition: Condition
    action: Action
    limits: Limits
    expires_at: datetime


def _holdable(amount: Decimal) -> bool:
    """Say whether a chain can hold so many tokens: more than none, and no more digits than a uint256 has."""
    if not amount.is_finite() or amount <= 0:
        return False
    return amount.adjusted() < 60 and int(amount.as_tuple().exponent) >= -18
