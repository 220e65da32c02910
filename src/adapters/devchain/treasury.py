from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from adapters.devchain.aave_market import PRICE_DECIMALS, AaveMarket
from adapters.devchain.batch import Batch
from adapters.devchain.chain import Chain
from adapters.devchain.keys import address_of
from adapters.devchain.lending import Lending
from adapters.devchain.listing import create_price
from adapters.devchain.packages import NodePackages
from adapters.devchain.plan import PositionPlan
from adapters.devchain.transaction import Receipt, Transaction
from domain.shared.chain import Address
from domain.shared.errors import Invalid

ETHER = 10**18
_TREASURY = address_of("treasury")
_WALLETS_A_BLOCK = 100


@dataclass(frozen=True, slots=True)
class Treasury:
    """Whoever prints the local market's money and moves its prices."""

    chain: Chain
    market: AaveMarket
    packages: NodePackages

    async def provide_liquidity(self) -> None:
        """Supply every reserve with the liquidity that its specification asks for."""
        lent = {symbol: spec.liquidity for symbol, spec in self.market.reserves.items() if spec.liquidity}
        await self.open_positions([PositionPlan(wallet=_TREASURY, supplies=lent)])

    async def give_ether(self, *wallets: Address, ether: int = 100) -> None:
        """Set each wallet's balance of the chain's own coin, which pays for gas."""
        await self.chain.set_balances(dict.fromkeys(wallets, ether * ETHER))

    async def give(self, wallet: Address, symbol: str, amount: Decimal) -> Receipt:
        """Mint whole tokens to a wallet."""
        units = self.market.units(symbol, amount)
        await self.give_ether(_TREASURY)
        [receipt] = await self.chain.send(Lending(self.market).mint(_TREASURY, symbol, units, to=wallet))
        return receipt

    async def open_positions(self, plans: Sequence[PositionPlan]) -> None:
        """Bring every wallet to its plan, a hundred wallets in a block; raises Reverted when the pool refuses one."""
        lending = Lending(self.market)
        await self.give_ether(*(plan.wallet for plan in plans))
        for start in range(0, len(plans), _WALLETS_A_BLOCK):
            steps: list[Transaction] = []
            for plan in plans[start : start + _WALLETS_A_BLOCK]:
                steps += plan.transactions(lending)
            await self.chain.send(*steps)

    async def price(self, symbol: str) -> Decimal:
        """Return what the market's oracle says one token is worth, in US dollars."""
        returns = await self.chain.read(
            self.market.oracle, "getAssetPrice(address)", ("uint256",), self.market.token(symbol)
        )
        return Decimal(f"{returns[0]}e-{PRICE_DECIMALS}")

    async def set_price(self, symbol: str, price: Decimal) -> Receipt:
        """Let one token be worth this many US dollars from the next block on; see `set_prices`."""
        return await self.set_prices({symbol: price})

    async def set_prices(self, prices: Mapping[str, Decimal]) -> Receipt:
        """Change several prices in one block: the oracle is pointed to new aggregators, as Aave's owners would.

        Raises Invalid for a price that is not positive, or has more than eight decimals.
        """
        if not prices or any(price <= 0 for price in prices.values()):
            raise Invalid("Name at least one token, and for each a price above zero.")
        batch = Batch(self.market.admin, await self.chain.nonce(self.market.admin))
        tokens = [self.market.token(symbol) for symbol in prices]
        sources = [create_price(batch, self.packages, price, symbol) for symbol, price in prices.items()]
        batch.call(self.market.oracle, "setAssetSources(address[],address[])", tokens, sources)
        receipts = await self.chain.send(*batch.transactions)
        return receipts[-1]
