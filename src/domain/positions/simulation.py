from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias, assert_never

from domain.positions.aave_v3 import account_of, limits_of
from domain.positions.position import Leg, LendingPosition
from domain.positions.reserve import BASE_DECIMALS, Reserve
from domain.shared.chain import Address
from domain.shared.errors import Invalid
from domain.shared.money import plain, scaled

MOST_DIGITS = 78
"""No amount on chain has more digits: 2**256 has 78."""


@dataclass(frozen=True, slots=True)
class PriceBecomes:
    """The asset's price becomes this many units of the base currency (US dollars)."""

    asset: Address
    price: Decimal


@dataclass(frozen=True, slots=True)
class Deposit:
    """So many whole tokens are supplied; a first supply serves as collateral if the market accepts it as such."""

    asset: Address
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Withdraw:
    """So many whole tokens are taken back."""

    asset: Address
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Borrow:
    """So many whole tokens are borrowed at the variable rate."""

    asset: Address
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Repay:
    """So many whole tokens are paid back, the variable debt first."""

    asset: Address
    amount: Decimal


Step: TypeAlias = PriceBecomes | Deposit | Withdraw | Borrow | Repay


def simulate(
    position: LendingPosition, steps: Sequence[Step], reserves: Mapping[Address, Reserve]
) -> LendingPosition:
    """Return the position as it would be after the steps, at the same block, by the protocol's own arithmetic.

    `reserves` describes the market's assets in which the wallet has no stake yet. Raises Invalid when a step takes
    out or pays back more than there is, names an asset that the market does not have, or an amount that no chain
    can hold. What a token cannot divide so finely is rounded down; a leg that nothing is left of disappears.
    """
    legs = {leg.reserve.asset: leg for leg in position.legs}
    for step in steps:
        leg = legs.get(step.asset) or _fresh(step.asset, reserves)
        legs[step.asset] = _after(leg, step, position)
    after = tuple(leg for leg in legs.values() if leg.supplied or leg.debt)
    return replace(position, legs=after, account=account_of(after, position.emode, position.law))


def _fresh(asset: Address, reserves: Mapping[Address, Reserve]) -> Leg:
    if asset not in reserves:
        raise Invalid(f"The market has no reserve for {asset}.")
    return Leg(reserve=reserves[asset])


def _after(leg: Leg, step: Step, of: LendingPosition) -> Leg:
    match step:
        case PriceBecomes(price=price):
            return replace(leg, reserve=replace(leg.reserve, price=_units(price, BASE_DECIMALS)))
        case Deposit(amount=amount):
            added = _units(amount, leg.reserve.decimals)
            collateral = (
                leg.is_collateral if leg.supplied else limits_of(leg.reserve, of.emode, of.law)[0] > 0
            )
            return replace(leg, supplied=leg.supplied + added, is_collateral=collateral)
        case Withdraw(amount=amount):
            taken = _units(amount, leg.reserve.decimals)
            _refuse_beyond(taken, leg.supplied, leg, "withdraw", "supplied")
            return replace(leg, supplied=leg.supplied - taken)
        case Borrow(amount=amount):
            return replace(leg, variable_debt=leg.variable_debt + _units(amount, leg.reserve.decimals))
        case Repay(amount=amount):
            paid = _units(amount, leg.reserve.decimals)
            _refuse_beyond(paid, leg.debt, leg, "repay", "owed")
            variable = min(paid, leg.variable_debt)
            return replace(
                leg,
                variable_debt=leg.variable_debt - variable,
                stable_debt=leg.stable_debt - (paid - variable),
            )
        case _:
            assert_never(step)


def _refuse_beyond(wanted: int, there: int, leg: Leg, verb: str, state: str) -> None:
    if wanted > there:
        most = plain(scaled(there, leg.reserve.decimals))
        raise Invalid(f"Cannot {verb} more {leg.reserve.symbol} than is {state}: {most}.")


def _units(amount: Decimal, decimals: int) -> int:
    if not amount.is_finite() or amount < 0 or amount.adjusted() + decimals >= MOST_DIGITS:
        raise Invalid(f"{str(amount)[:90]} is not an amount that a chain can hold.")
    kept = amount.adjusted() + decimals + 1
    if kept <= 0 or not amount:
        return 0
    digits = amount.as_tuple().digits[:kept]
    return int("".join(map(str, digits)).ljust(kept, "0"))
