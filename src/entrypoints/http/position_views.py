from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import Field

from application.positions.ports import Snapshot
from domain.positions.health import Account
from domain.positions.liquidation import LiquidationPrice, Side
from domain.positions.position import Leg, LendingPosition, Protocol
from domain.positions.reserve import BASE_DECIMALS
from domain.shared.chain import Block
from domain.shared.money import plain, scaled
from entrypoints.http.frame.fields import Identifier, Number
from entrypoints.http.frame.models import View

_BASIS_POINTS = 4


class BlockView(View):
    """The block that everything beside it was read at."""

    number: int
    hash: str
    time: datetime

    @staticmethod
    def of(block: Block) -> "BlockView":
        """Show a block."""
        return BlockView(number=block.number, hash=block.hash, time=block.time)


class StakeView(View):
    """So many whole tokens of an asset, and what one of them costs."""

    asset: str
    symbol: str
    amount: Number
    price_usd: Number
    value_usd: Number

    @staticmethod
    def of(leg: Leg, units: int) -> "StakeView":
        """Show an amount of a leg's asset, in its smallest unit."""
        reserve = leg.reserve
        amount, price = scaled(units, reserve.decimals), scaled(reserve.price, BASE_DECIMALS)
        return StakeView(
            asset=reserve.asset,
            symbol=reserve.symbol,
            amount=plain(amount),
            price_usd=plain(price),
            value_usd=plain(scaled(units * reserve.price, reserve.decimals + BASE_DECIMALS)),
        )


class LiquidationPriceView(View):
    """The price at which the position becomes liquidatable, if only this price moves."""

    asset: str
    symbol: str
    side: Side
    price_usd: Number

    @staticmethod
    def of(price: LiquidationPrice) -> "LiquidationPriceView":
        """Show a liquidation price."""
        shown = plain(scaled(price.price, BASE_DECIMALS))
        return LiquidationPriceView(asset=price.asset, symbol=price.symbol, side=price.side, price_usd=shown)


class AccountView(View):
    """A wallet's totals in one market, as its contract answers them."""

    health_factor: Number | None = Field(description="Exact to 18 digits; null without debt.")
    liquidatable: bool
    total_collateral_usd: Number
    total_debt_usd: Number
    ltv: Number = Field(description="How much may be borrowed, as a share of the collateral.")
    liquidation_threshold: Number = Field(description="As a share of the collateral.")

    @staticmethod
    def of(account: Account) -> "AccountView":
        """Show totals."""
        health = account.health_factor
        return AccountView(
            health_factor=None if health is None else plain(health.value),
            liquidatable=health is not None and health.liquidatable,
            total_collateral_usd=plain(scaled(account.total_collateral, BASE_DECIMALS)),
            total_debt_usd=plain(scaled(account.total_debt, BASE_DECIMALS)),
            ltv=plain(scaled(account.ltv, _BASIS_POINTS)),
            liquidation_threshold=plain(scaled(account.liquidation_threshold, _BASIS_POINTS)),
        )


class HoldingsView(View):
    """What is owned and owed in one lending market."""

    protocol: Protocol
    market: str
    emode: str | None
    account: AccountView
    collateral: tuple[StakeView, ...]
    supplied: tuple[StakeView, ...] = Field(description="Supplied, but not used as collateral.")
    debt: tuple[StakeView, ...]
    liquidation_prices: tuple[LiquidationPriceView, ...] | None = Field(
        None,
        description="Of each asset that can bring the position down alone; null where they were not asked for.",
    )

    @staticmethod
    def of(position: LendingPosition, prices: Iterable[LiquidationPrice] | None = None) -> "HoldingsView":
        """Show a position."""
        idle = (leg for leg in position.legs if leg.supplied and not leg.is_collateral)
        return HoldingsView(
            protocol=position.protocol,
            market=position.market,
            emode=position.emode.label if position.emode else None,
            account=AccountView.of(position.account),
            collateral=tuple(StakeView.of(leg, leg.supplied) for leg in position.collaterals()),
            supplied=tuple(StakeView.of(leg, leg.supplied) for leg in idle),
            debt=tuple(StakeView.of(leg, leg.debt) for leg in position.debts()),
            liquidation_prices=None if prices is None else tuple(map(LiquidationPriceView.of, prices)),
        )


class PositionView(View):
    """What one wallet was seen to own and owe at one block; unknown, with the reason, where it could not be read."""

    id: Identifier
    wallet: str
    chain_id: int
    block: BlockView
    observed_at: datetime
    status: Literal["known", "unknown"]
    reason: str | None
    holdings: HoldingsView | None

    @staticmethod
    def of(snapshot: Snapshot, prices: Iterable[LiquidationPrice] | None = None) -> "PositionView":
        """Show a snapshot."""
        seen = snapshot.seen
        known = isinstance(seen, LendingPosition)
        return PositionView(
            id=snapshot.id,
            wallet=seen.wallet,
            chain_id=snapshot.chain_id,
            block=BlockView.of(snapshot.block),
            observed_at=snapshot.observed_at,
            status="known" if known else "unknown",
            reason=None if isinstance(seen, LendingPosition) else seen.reason,
            holdings=HoldingsView.of(seen, prices) if isinstance(seen, LendingPosition) else None,
        )


class PositionsView(View):
    """The newest snapshot of each of the caller's wallets in each market."""

    items: tuple[PositionView, ...]


class RefreshView(View):
    """The chains on which the caller's wallets are being read anew."""

    chains: tuple[int, ...]
