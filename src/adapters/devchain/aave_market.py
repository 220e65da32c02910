from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from adapters.devchain.reserves import EmodeCategory, ReserveSpec
from domain.shared.chain import Address
from domain.shared.errors import Invalid

PRICE_DECIMALS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class AaveMarket:
    """Where a deployed Aave v3 lives, and what was listed there; reserves and tokens go by symbol."""

    chain_id: int
    provider: Address
    pool: Address
    configurator: Address
    oracle: Address
    data_provider: Address
    multicall3: Address
    admin: Address
    tokens: Mapping[str, Address]
    reserves: Mapping[str, ReserveSpec]
    categories: tuple[EmodeCategory, ...]

    def token(self, symbol: str) -> Address:
        """Return the token's address, or raise Invalid when the market does not list it."""
        if symbol not in self.tokens:
            raise Invalid(f"This market lists {', '.join(self.tokens)}, but not {symbol!r}.")
        return self.tokens[symbol]

    def symbol_of(self, token: Address) -> str:
        """Return the symbol of a listed token."""
        for symbol, listed in self.tokens.items():
            if listed == token:
                return symbol
        raise Invalid(f"This market does not list a token at {token}.")

    def units(self, symbol: str, amount: Decimal) -> int:
        """Return whole tokens as the token counts them; raises Invalid when it cannot divide itself so finely."""
        self.token(symbol)
        return scaled(amount, self.reserves[symbol].decimals, symbol)

    def whole(self, symbol: str, units: int) -> Decimal:
        """Return the token's own count as whole tokens, exact."""
        self.token(symbol)
        return Decimal(f"{units}e-{self.reserves[symbol].decimals}")


def scaled(amount: Decimal, decimals: int, of: str) -> int:
    """Return the amount in units of its last decimal; raises Invalid for a negative or a finer amount."""
    if not amount.is_finite() or amount < 0:
        raise Invalid(f"{amount} is not an amount of {of}.")
    units = Fraction(amount) * Fraction(10**decimals)
    if units.denominator != 1:
        raise Invalid(f"{of} has {decimals} decimals, which {amount} exceeds.")
    return units.numerator
