from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from adapters.devchain.lending import Lending, Rate
from adapters.devchain.transaction import Transaction
from domain.shared.chain import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionPlan:
    """What a wallet is to own and owe, in whole tokens by symbol; what is `idle` is supplied but backs nothing."""

    wallet: Address
    supplies: Mapping[str, Decimal]
    borrows: Mapping[str, Decimal] = field(default_factory=dict)
    stable_borrows: Mapping[str, Decimal] = field(default_factory=dict)
    emode: int = 0
    idle: frozenset[str] = frozenset()

    def transactions(self, lending: Lending) -> list[Transaction]:
        """Return the wallet's own transactions, in order, that bring it there from nothing."""
        who, units = self.wallet, lending.market.units
        steps: list[Transaction] = []
        for symbol, amount in self.supplies.items():
            steps.append(lending.mint(who, symbol, units(symbol, amount)))
            steps.extend(lending.supply(who, symbol, units(symbol, amount)))
        steps.extend(lending.use_as_collateral(who, symbol, False) for symbol in sorted(self.idle))
        if self.emode:
            steps.append(lending.enter_emode(who, self.emode))
        for rate, borrows in ((Rate.VARIABLE, self.borrows), (Rate.STABLE, self.stable_borrows)):
            for symbol, amount in borrows.items():
                steps.append(lending.borrow(who, symbol, units(symbol, amount), rate))
        return steps
