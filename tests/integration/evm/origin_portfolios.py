"""Random portfolios that today's contracts accept."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from hypothesis import strategies as st

from adapters.devchain.origin.emodes import DOLLARS, STAKED_ETHER
from adapters.devchain.plan import PositionPlan
from adapters.devchain.reserves import FIVE_RESERVES
from domain.shared.chain import Address

_SPECS = {spec.symbol: spec for spec in FIVE_RESERVES}
_EMODES = {mode.id: mode for mode in (STAKED_ETHER, DOLLARS)}
_MOST_OF_CAPACITY = Decimal("0.97")


@dataclass(frozen=True, slots=True)
class OriginPortfolio:
    """What a wallet supplies (its worth in cents of a dollar), switches off, borrows (shares of what it may)."""

    supplies: dict[str, int]
    idle: frozenset[str]
    emode: int
    borrows: dict[str, int]

    def plan(self, wallet: Address) -> PositionPlan:
        """Return the plan with amounts that the pool will allow, as odd as the token's digits permit."""
        supplies = {symbol: _tokens(symbol, Decimal(cents) / 100) for symbol, cents in self.supplies.items()}
        supplies = {symbol: amount for symbol, amount in supplies.items() if amount}
        idle = self.idle & supplies.keys()
        capacity = _MOST_OF_CAPACITY * sum(
            (
                amount * _SPECS[symbol].price * self._ltv(symbol) / 10_000
                for symbol, amount in supplies.items()
                if symbol not in idle
            ),
            Decimal(0),
        )
        shares = {symbol: share for symbol, share in self.borrows.items() if self._may_borrow(symbol)}
        whole = max(sum(shares.values()), 1_000)
        borrows = {symbol: _tokens(symbol, capacity * share / whole) for symbol, share in shares.items()}
        return PositionPlan(
            wallet=wallet,
            supplies=supplies,
            idle=idle,
            emode=self.emode,
            borrows={symbol: amount for symbol, amount in borrows.items() if amount},
        )

    def _ltv(self, symbol: str) -> int:
        mode = _EMODES.get(self.emode)
        return mode.ltv if mode and symbol in mode.collateral else _SPECS[symbol].ltv

    def _may_borrow(self, symbol: str) -> bool:
        mode = _EMODES.get(self.emode)
        return mode is None or symbol in mode.borrowable


_cents = st.integers(min_value=1, max_value=10**10)
_shares = st.integers(min_value=1, max_value=1000)
_symbols = st.sampled_from(sorted(_SPECS))

origin_portfolios = st.builds(
    OriginPortfolio,
    supplies=st.dictionaries(_symbols, _cents, min_size=1, max_size=4),
    idle=st.one_of(st.just(frozenset[str]()), st.frozensets(_symbols, max_size=2)),
    emode=st.sampled_from([0, 1, 2]),
    borrows=st.dictionaries(_symbols, _shares, max_size=3),
)


def _tokens(symbol: str, dollars: Decimal) -> Decimal:
    spec = _SPECS[symbol]
    return (dollars / spec.price).quantize(Decimal(1).scaleb(-spec.decimals), ROUND_DOWN)
