"""Random portfolios that the real contracts accept."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from hypothesis import strategies as st

from adapters.devchain.plan import PositionPlan
from adapters.devchain.reserves import (
    ETH_CORRELATED,
    FIVE_RESERVES,
    STABLECOINS,
    EmodeCategory,
    ReserveSpec,
)
from domain.shared.chain import Address

SPECS = {spec.symbol: spec for spec in FIVE_RESERVES}
EMODES = {category.id: category for category in (ETH_CORRELATED, STABLECOINS)}
_MOST_OF_CAPACITY = Decimal("0.97")


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What a wallet supplies (its worth in cents of a dollar), switches off, borrows (shares of what it may)."""

    supplies: dict[str, int]
    idle: frozenset[str]
    emode: int
    borrows: dict[str, int]
    stable_borrows: dict[str, int]

    def plan(self, wallet: Address) -> PositionPlan:
        """Return the plan with amounts that the pool will allow, as odd as the token's digits permit."""
        supplies = {
            symbol: _tokens(SPECS[symbol], Decimal(cents) / 100) for symbol, cents in self.supplies.items()
        }
        supplies = {symbol: amount for symbol, amount in supplies.items() if amount}
        idle = self.idle & supplies.keys()
        backing = {symbol: amount for symbol, amount in supplies.items() if symbol not in idle}
        capacity = _capacity(backing, EMODES.get(self.emode)) * _MOST_OF_CAPACITY
        shares = [
            (symbol, stable, share)
            for stable, borrows in ((False, self.borrows), (True, self.stable_borrows))
            for symbol, share in borrows.items()
            if self._may_borrow(symbol, stable=stable, backing=backing)
        ]
        whole = max(sum(share for *_, share in shares), 1000)
        amounts = {
            (symbol, stable): _tokens(SPECS[symbol], capacity * share / whole)
            for symbol, stable, share in shares
        }
        return PositionPlan(
            wallet=wallet,
            supplies=supplies,
            idle=idle,
            emode=self.emode,
            borrows={symbol: amount for (symbol, stable), amount in amounts.items() if amount and not stable},
            stable_borrows={
                symbol: amount for (symbol, stable), amount in amounts.items() if amount and stable
            },
        )

    def _may_borrow(self, symbol: str, *, stable: bool, backing: dict[str, Decimal]) -> bool:
        spec = SPECS[symbol]
        if self.emode and spec.emode != self.emode:
            return False
        return not stable or (spec.stable_borrowing and symbol not in backing)


_cents = st.integers(min_value=1, max_value=10**10)
_shares = st.integers(min_value=1, max_value=1000)
_symbols = st.sampled_from(sorted(SPECS))

portfolios = st.builds(
    Portfolio,
    supplies=st.dictionaries(_symbols, _cents, min_size=1, max_size=3),
    idle=st.one_of(st.just(frozenset[str]()), st.frozensets(_symbols, max_size=2)),
    emode=st.sampled_from([0, 0, 1, 2]),
    borrows=st.dictionaries(_symbols, _shares, max_size=3),
    stable_borrows=st.dictionaries(st.sampled_from(["USDC", "DAI"]), _shares, max_size=2),
)


def _capacity(backing: dict[str, Decimal], emode: EmodeCategory | None) -> Decimal:
    total = Decimal(0)
    for symbol, amount in backing.items():
        spec = SPECS[symbol]
        inside = emode is not None and spec.emode == emode.id
        price = emode.price if emode and inside and emode.price is not None else spec.price
        total += amount * price * (emode.ltv if emode and inside else spec.ltv) / 10_000
    return total


def _tokens(spec: ReserveSpec, dollars: Decimal) -> Decimal:
    return (dollars / spec.price).quantize(Decimal(1).scaleb(-spec.decimals), ROUND_DOWN)
