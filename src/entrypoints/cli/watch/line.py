from typing import Any

from application.positions.read_wallet import Reading
from domain.positions.position import Leg, LendingPosition, Unread
from domain.positions.reserve import BASE_DECIMALS
from domain.shared.chain import Block
from entrypoints.cli.figures import exact
from entrypoints.cli.watch.sighting import Sighting


def line_of(sighting: Sighting) -> dict[str, Any]:
    """Return a reading as a program takes it: amounts are strings with every digit, times RFC 3339."""
    line: dict[str, Any] = {"chain_id": sighting.chain_id, "wallet": sighting.wallet}
    if not isinstance(sighting.seen, Reading):
        return {**line, "status": "unknown", "reason": sighting.seen, "block": None}
    line["block"] = _block(sighting.seen.block)
    match sighting.seen.seen:
        case None:
            return {**line, "status": "none"}
        case Unread(reason=reason):
            return {**line, "status": "unknown", "reason": reason}
        case LendingPosition() as position:
            return {**line, "status": "known", **_position(position, sighting.seen)}


def _block(block: Block) -> dict[str, Any]:
    return {"number": block.number, "hash": block.hash, "time": block.time.isoformat().replace("+00:00", "Z")}


def _position(position: LendingPosition, reading: Reading) -> dict[str, Any]:
    account, health = position.account, position.health_factor
    return {
        "protocol": position.protocol,
        "market": position.market,
        "health_factor": None if health is None else exact(health.wad, 18),
        "liquidatable": health is not None and health.liquidatable,
        "total_collateral_usd": exact(account.total_collateral, BASE_DECIMALS),
        "total_debt_usd": exact(account.total_debt, BASE_DECIMALS),
        "max_ltv": exact(account.ltv, 4),
        "liquidation_threshold": exact(account.liquidation_threshold, 4),
        "emode": position.emode.label if position.emode else None,
        "liquidation_prices": [
            {
                "symbol": one.symbol,
                "asset": one.asset,
                "side": one.side,
                "price_usd": exact(one.price, BASE_DECIMALS),
            }
            for one in reading.liquidation_prices
        ],
        "assets": [_asset(leg) for leg in position.legs],
    }


def _asset(leg: Leg) -> dict[str, Any]:
    decimals = leg.reserve.decimals
    return {
        "symbol": leg.reserve.symbol,
        "asset": leg.reserve.asset,
        "price_usd": exact(leg.reserve.price, BASE_DECIMALS),
        "supplied": exact(leg.supplied, decimals),
        "collateral": leg.is_collateral,
        "variable_debt": exact(leg.variable_debt, decimals),
        "stable_debt": exact(leg.stable_debt, decimals),
    }
