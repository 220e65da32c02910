from collections.abc import Mapping
from decimal import Decimal

from domain.identity.preferences import SignalType
from domain.positions.position import Protocol
from domain.shared.chain import short
from domain.signals.events import SignalCleared, SignalDetected
from domain.signals.subject import Subject

_PROTOCOLS = {Protocol.AAVE_V3: "Aave v3"}


def alarm(fact: SignalDetected) -> str:
    """Say what happened, in words that the reader can check on the chain: figures, wallet, block number and hash."""
    return f"{_what(fact)} {_where(fact.subject, fact.data)}"


def all_clear(type: SignalType, subject: Subject, fact: SignalCleared) -> str:
    """Say that the danger has passed, and by which figure."""
    reason = fact.data.get("reason")
    if reason == "switched_off":
        return f"You no longer ask to be told of {type.replace('_', ' ')}. {_where(subject, fact.data)}"
    if reason is not None:
        return f"All clear: {reason}. {_where(subject, fact.data)}"
    if fact.data["health_factor"] == "none":
        return f"All clear: nothing is owed any more. {_where(subject, fact.data)}"
    health = _down(fact.data["health_factor"])
    over = "No longer critical" if type is SignalType.HEALTH_FACTOR_CRITICAL else "All clear"
    return (
        f"{over}: the health factor is {health}, back above your {fact.data['threshold']}. "
        f"{_where(subject, fact.data)}"
    )


def _what(fact: SignalDetected) -> str:
    data = fact.data
    match fact.type:
        case SignalType.HEALTH_FACTOR_CRITICAL:
            return (
                f"Critical: the health factor is {_down(data['health_factor'])}, below your {data['threshold']}. "
                "Below 1 anybody may liquidate the position; repay debt or add collateral now."
            )
        case SignalType.HEALTH_FACTOR_LOW:
            return f"The health factor is {_down(data['health_factor'])}, below your {data['threshold']}."
        case SignalType.POSITION_LIQUIDATED:
            return (
                f"Liquidated: {data['collateral_seized']} {data['collateral_asset']} of collateral were seized "
                f"for {data['debt_covered']} {data['debt_asset']} of debt, in transaction {data['transaction_hash']}."
            )
        case SignalType.PRICE_MOVE:
            percent = Decimal(data["move"]) * 100
            return f"{fact.asset} moved by {percent:+.1f} % to {data['price']} USD, from {data['price_before']} USD."


def _where(subject: Subject, data: Mapping[str, str]) -> str:
    place = f"Wallet {short(subject.wallet)} on {_PROTOCOLS[subject.protocol]} (chain {subject.chain_id})"
    if "block_number" not in data:
        return f"{place}."
    return f"{place}, block {data['block_number']} ({data['block_hash'][:10]}…)."


def _down(health_factor: str) -> str:
    whole, _, fraction = format(Decimal(health_factor), "f").partition(".")
    return f"{whole}.{fraction[:4].ljust(4, '0')}"
