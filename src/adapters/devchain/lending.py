from dataclasses import dataclass
from enum import IntEnum

from adapters.devchain.aave_market import AaveMarket
from adapters.devchain.abi import UNLIMITED, call_data
from adapters.devchain.transaction import Transaction
from domain.shared.chain import Address


class Rate(IntEnum):
    """How a debt's interest is set, as the pool numbers it."""

    STABLE = 1
    VARIABLE = 2


@dataclass(frozen=True, slots=True)
class Lending:
    """Writes the transactions of a market's users; amounts count the token's smallest unit.

    An amount of None means all there is.
    """

    market: AaveMarket

    def mint(self, who: Address, symbol: str, amount: int, *, to: Address | None = None) -> Transaction:
        """Make tokens out of nothing, for oneself or somebody else."""
        token = self.market.token(symbol)
        return self._call(f"mint {symbol}", who, token, "mint(address,uint256)", to or who, amount)

    def supply(self, who: Address, symbol: str, amount: int) -> tuple[Transaction, ...]:
        """Lend tokens to the pool; the first time they become collateral by themselves."""
        token = self.market.token(symbol)
        signature = "supply(address,uint256,address,uint16)"
        return (
            self._approve(who, symbol, amount),
            self._pool(f"supply {symbol}", who, signature, token, amount, who, 0),
        )

    def withdraw(self, who: Address, symbol: str, amount: int | None) -> Transaction:
        """Take supplied tokens back."""
        signature = "withdraw(address,uint256,address)"
        token = self.market.token(symbol)
        return self._pool(f"withdraw {symbol}", who, signature, token, _all(amount), who)

    def borrow(self, who: Address, symbol: str, amount: int, rate: Rate = Rate.VARIABLE) -> Transaction:
        """Borrow against one's collateral."""
        signature = "borrow(address,uint256,uint256,uint16,address)"
        token = self.market.token(symbol)
        return self._pool(f"borrow {symbol}", who, signature, token, amount, int(rate), 0, who)

    def repay(
        self, who: Address, symbol: str, amount: int | None, rate: Rate = Rate.VARIABLE
    ) -> tuple[Transaction, ...]:
        """Pay a debt back."""
        signature = "repay(address,uint256,uint256,address)"
        token = self.market.token(symbol)
        return (
            self._approve(who, symbol, _all(amount)),
            self._pool(f"repay {symbol}", who, signature, token, _all(amount), int(rate), who),
        )

    def use_as_collateral(self, who: Address, symbol: str, use: bool) -> Transaction:
        """Let a supplied token back one's debts, or no longer."""
        signature = "setUserUseReserveAsCollateral(address,bool)"
        return self._pool(
            f"use {symbol} as collateral: {use}", who, signature, self.market.token(symbol), use
        )

    def enter_emode(self, who: Address, category: int) -> Transaction:
        """Enter an e-mode, or leave it with 0."""
        return self._pool(f"enter e-mode {category}", who, "setUserEMode(uint8)", category)

    def liquidate(
        self, who: Address, victim: Address, *, collateral: str, debt: str, amount: int | None
    ) -> tuple[Transaction, ...]:
        """Pay another's debt in exchange for collateral and a bonus; all means as much as the pool allows."""
        signature = "liquidationCall(address,address,address,uint256,bool)"
        tokens = self.market.token(collateral), self.market.token(debt)
        label = f"liquidate {victim}"
        return (
            self._approve(who, debt, _all(amount)),
            self._pool(label, who, signature, *tokens, victim, _all(amount), False),
        )

    def _approve(self, who: Address, symbol: str, amount: int) -> Transaction:
        signature = "approve(address,uint256)"
        token = self.market.token(symbol)
        return self._call(f"approve {symbol}", who, token, signature, self.market.pool, amount)

    def _pool(self, label: str, who: Address, signature: str, *arguments: object) -> Transaction:
        return self._call(label, who, self.market.pool, signature, *arguments)

    def _call(self, label: str, who: Address, to: Address, signature: str, *arguments: object) -> Transaction:
        return Transaction(label=label, sender=who, to=to, data=call_data(signature, *arguments))


def _all(amount: int | None) -> int:
    return UNLIMITED if amount is None else amount
