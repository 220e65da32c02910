from collections.abc import Iterator

from application.audit.explaining.explanation import Figures
from domain.positions.events import PositionLiquidated
from domain.positions.position import LendingPosition
from domain.positions.reserve import BASE_DECIMALS
from domain.shared.money import plain, scaled
from domain.signals.rules import Rules


def of_position(position: LendingPosition) -> Figures:
    """Return what a position said, so that anybody can ask the chain for the same and compare."""
    account = position.account
    health = account.health_factor
    return (
        ("chain", str(position.chain_id)),
        ("protocol", position.protocol),
        ("market", position.market),
        ("wallet", position.wallet),
        ("block_number", str(position.block.number)),
        ("block_hash", position.block.hash),
        ("block_time", position.block.time.isoformat()),
        *_legs(position),
        ("total_collateral", _base(account.total_collateral)),
        ("total_debt", _base(account.total_debt)),
        ("liquidation_threshold", _share(account.liquidation_threshold)),
        ("health_factor", "none" if health is None else f"{health.value:f}"),
    )


def of_liquidation(fact: PositionLiquidated) -> Figures:
    """Return what the market's log said of a liquidation, by block, transaction and place in it."""
    told = fact.liquidation
    return (
        ("chain", str(told.chain_id)),
        ("protocol", told.protocol),
        ("market", told.market),
        ("wallet", told.wallet),
        ("block_number", str(told.block_number)),
        ("block_hash", told.block_hash),
        ("transaction_hash", told.transaction_hash),
        ("log_index", str(told.log_index)),
        ("liquidator", told.liquidator),
        (told.collateral_symbol, told.collateral_asset),
        (f"{told.collateral_symbol} seized", plain(told.collateral_seized)),
        (told.debt_symbol, told.debt_asset),
        (f"{told.debt_symbol} covered", plain(told.debt_covered)),
    )


def of_rules(rules: Rules) -> Figures:
    """Return what the user had asked to be told."""
    said = rules.thresholds
    return (
        ("rule_version", str(rules.version)),
        ("health_factor_low", plain(said.health_factor_low)),
        ("health_factor_critical", plain(said.health_factor_critical)),
        ("price_move", plain(said.price_move)),
        ("clear_margin", plain(said.clear_margin)),
        ("active_signals", ", ".join(rules.active)),
        ("notification_channels", ", ".join(rules.channels)),
    )


def _legs(position: LendingPosition) -> Iterator[tuple[str, str]]:
    for leg in position.legs:
        reserve = leg.reserve
        yield reserve.symbol, reserve.asset
        yield f"{reserve.symbol} price", _base(reserve.price)
        if leg.supplied:
            use = "as collateral" if leg.is_collateral else "not as collateral"
            yield f"{reserve.symbol} supplied", f"{plain(scaled(leg.supplied, reserve.decimals))} {use}"
            yield f"{reserve.symbol} liquidation threshold", _share(reserve.liquidation_threshold)
        if leg.debt:
            yield f"{reserve.symbol} owed", plain(scaled(leg.debt, reserve.decimals))


def _base(amount: int) -> str:
    return f"{plain(scaled(amount, BASE_DECIMALS))} USD"


def _share(basis_points: int) -> str:
    return f"{plain(scaled(basis_points, 2))} %"
