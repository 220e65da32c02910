from dataclasses import dataclass
from decimal import Decimal

from adapters.devchain.aave_market import AaveMarket
from adapters.devchain.chain import Chain
from adapters.devchain.lending import Lending, Rate
from adapters.devchain.liquidation import LiquidationCall, liquidations_in
from adapters.devchain.transaction import Receipt, Transaction
from domain.shared.chain import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What the pool's `getUserAccountData` says of a wallet.

    The first three count US dollars with eight decimals, threshold and ltv basis points, the health factor 1e18.
    """

    collateral: int
    debt: int
    available: int
    threshold: int
    ltv: int
    health_factor: int


@dataclass(frozen=True, slots=True)
class Wallet:
    """Somebody who lends and borrows on the local market; amounts are whole tokens, None is all there is.

    Every action is mined at once, and raises Reverted when the contracts refuse it.
    """

    chain: Chain
    market: AaveMarket
    address: Address

    async def account(self) -> Account:
        """Return the pool's own account of this wallet at the newest block."""
        returns = ("uint256",) * 6
        answer = await self.chain.read(self.market.pool, "getUserAccountData(address)", returns, self.address)
        collateral, debt, available, threshold, ltv, health_factor = answer
        return Account(
            collateral=collateral,
            debt=debt,
            available=available,
            threshold=threshold,
            ltv=ltv,
            health_factor=health_factor,
        )

    async def balance(self, symbol: str) -> Decimal:
        """Return how many tokens the wallet itself holds."""
        token = self.market.token(symbol)
        [units] = await self.chain.read(token, "balanceOf(address)", ("uint256",), self.address)
        return self.market.whole(symbol, units)

    async def supply(self, symbol: str, amount: Decimal) -> Receipt:
        """Lend tokens that the wallet holds to the pool."""
        return await self._do(*self._lending.supply(self.address, symbol, self.market.units(symbol, amount)))

    async def withdraw(self, symbol: str, amount: Decimal | None = None) -> Receipt:
        """Take supplied tokens back."""
        return await self._do(self._lending.withdraw(self.address, symbol, self._units(symbol, amount)))

    async def borrow(self, symbol: str, amount: Decimal, rate: Rate = Rate.VARIABLE) -> Receipt:
        """Borrow against the wallet's collateral."""
        units = self.market.units(symbol, amount)
        return await self._do(self._lending.borrow(self.address, symbol, units, rate))

    async def repay(self, symbol: str, amount: Decimal | None = None, rate: Rate = Rate.VARIABLE) -> Receipt:
        """Pay a debt back from tokens that the wallet holds."""
        return await self._do(*self._lending.repay(self.address, symbol, self._units(symbol, amount), rate))

    async def use_as_collateral(self, symbol: str, *, use: bool) -> Receipt:
        """Let a supplied token back the wallet's debts, or no longer."""
        return await self._do(self._lending.use_as_collateral(self.address, symbol, use))

    async def enter_emode(self, category: int) -> Receipt:
        """Enter an e-mode, or leave it with 0."""
        return await self._do(self._lending.enter_emode(self.address, category))

    async def liquidate(
        self, victim: Address, *, collateral: str, debt: str, amount: Decimal | None = None
    ) -> LiquidationCall:
        """Pay debt of a wallet below the line from tokens that this one holds, and take collateral and bonus."""
        units = self._units(debt, amount)
        receipt = await self._do(
            *self._lending.liquidate(self.address, victim, collateral=collateral, debt=debt, amount=units)
        )
        return liquidations_in([receipt], self.market)[0]

    @property
    def _lending(self) -> Lending:
        return Lending(self.market)

    def _units(self, symbol: str, amount: Decimal | None) -> int | None:
        return None if amount is None else self.market.units(symbol, amount)

    async def _do(self, *transactions: Transaction) -> Receipt:
        return (await self.chain.send(*transactions))[-1]
