from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from domain.positions.health import WAD, HealthFactor
from domain.positions.liquidation import LiquidationPrice, Side
from domain.positions.reserve import BASE_DECIMALS
from domain.shared.money import plain, scaled

LOW = WAD * 3 // 2
CRITICAL = WAD * 115 // 100


def dollars(base: int) -> str:
    """Write an amount of the base currency in dollars and cents, rounded half to even."""
    return f"${scaled(base, BASE_DECIMALS):,.2f}"


def whole_dollars(base: int) -> str:
    """Write an amount of the base currency in whole dollars, where cents would only take space."""
    return f"${scaled(base, BASE_DECIMALS):,.0f}"


def brink(price: LiquidationPrice) -> str:
    """Write a liquidation price with the sign of its side, rounded towards today's price: never too late."""
    falling = price.side is Side.FALLS_TO
    exact_price = scaled(price.price, BASE_DECIMALS)
    step = Decimal("0.01") if exact_price >= 10 else Decimal("0.0001")
    shown = exact_price.quantize(step, rounding=ROUND_CEILING if falling else ROUND_FLOOR)
    return f"{'≤' if falling else '≥'} ${shown:,}"


def tokens(units: int, decimals: int) -> str:
    """Write a count of the token's smallest unit as whole tokens with at most six digits after the point."""
    amount = scaled(units, decimals)
    shown = amount.quantize(Decimal("1.000000")) if amount.adjusted() < 20 else amount
    text = f"{shown:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def exact(units: int, decimals: int) -> str:
    """Write an amount with all its digits, as a program reads it."""
    return plain(scaled(units, decimals))


def percent(basis_points: int) -> str:
    """Write basis points in per cent."""
    return f"{plain(scaled(basis_points, 2))} %"


def share(part: int, whole: int) -> str:
    """Write a part of the whole in per cent with two digits."""
    return f"{Decimal(part) * 100 / whole:.2f} %" if whole else "none"


def health(factor: HealthFactor | None) -> str:
    """Write a health factor rounded down, so that it never claims more safety than there is."""
    return "no debt" if factor is None else str(factor)


def colour_of(factor: HealthFactor | None) -> str:
    """Return the style for a health factor: the nearer to one, the louder."""
    if factor is None or factor.wad >= LOW:
        return "safe"
    return "low" if factor.wad >= CRITICAL else "danger"
