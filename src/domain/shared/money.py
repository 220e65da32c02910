from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal

_EXACT = Context(prec=1_000, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""More digits than any amount on a chain has, so that nothing is rounded."""


def scaled(amount: int, decimals: int) -> Decimal:
    """Return a count of the smallest unit as an exact decimal, all 78 digits of a uint256 if need be."""
    return Decimal(amount).scaleb(-decimals, _EXACT)


def plain(value: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros: 1500, 0.05."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
