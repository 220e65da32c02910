from collections.abc import Iterable

import orjson

from domain.positions.position import LendingPosition
from domain.positions.reserve import BASE_DECIMALS, Reserve


def collateral_of(position: LendingPosition) -> str:
    """Return what secures the debt, as the JSON of a column: symbol, amount in whole tokens, value in US dollars."""
    return _assets((leg.reserve, leg.supplied) for leg in position.collaterals())


def debt_of(position: LendingPosition) -> str:
    """Return what is owed, as the JSON of a column."""
    return _assets((leg.reserve, leg.debt) for leg in position.debts())


def metadata_of(position: LendingPosition) -> str:
    """Return the totals, as the JSON of a column: shares as decimals, values in US dollars."""
    account = position.account
    return _json(
        {
            "ltv": _decimal(account.ltv, 4),
            "liquidationThreshold": _decimal(account.liquidation_threshold, 4),
            "totalCollateralUSD": _decimal(account.total_collateral, BASE_DECIMALS),
            "totalDebtUSD": _decimal(account.total_debt, BASE_DECIMALS),
            "emode": None if position.emode is None else position.emode.id,
        }
    )


def health_factor_of(position: LendingPosition) -> str | None:
    """Return the health factor with all its digits; None without debt."""
    return None if position.health_factor is None else _decimal(position.health_factor.wad, 18)


def storable(text: str) -> str:
    """Leave out the character zero, which PostgreSQL cannot hold and a token's symbol may; `observation` keeps it."""
    return text.replace("\x00", "")


def _assets(amounts: Iterable[tuple[Reserve, int]]) -> str:
    return _json(
        [
            {
                "symbol": storable(reserve.symbol),
                "asset": reserve.asset,
                "amount": _decimal(amount, reserve.decimals),
                "valueUSD": _decimal(amount * reserve.price // 10**reserve.decimals, BASE_DECIMALS),
            }
            for reserve, amount in amounts
        ]
    )


def _json(content: object) -> str:
    return orjson.dumps(content).decode()


def _decimal(amount: int, decimals: int) -> str:
    """Write a count of the smallest unit as `plain(scaled(...))` does, ten times as fast."""
    if not decimals:
        return str(amount)
    digits = str(amount).rjust(decimals + 1, "0")
    fraction = digits[-decimals:].rstrip("0")
    return f"{digits[:-decimals]}.{fraction}" if fraction else digits[:-decimals]
