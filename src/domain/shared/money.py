from decimal import Decimal


def scaled(amount: int, decimals: int) -> Decimal:
    """Return a count of the smallest unit as an exact decimal, all 78 digits of a uint256 if need be."""
    digits = tuple(int(digit) for digit in str(abs(amount)))
    return Decimal((1 if amount < 0 else 0, digits, -decimals))


def plain(value: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros: 1500, 0.05."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
