from collections.abc import Iterator
from datetime import datetime

from application.audit.explaining.evidence import Evidence
from application.audit.explaining.explanation import InputUsed
from application.audit.reading.taken import Input
from domain.identity.preferences import SignalType
from domain.positions.events import PositionLiquidated
from domain.positions.position import LendingPosition
from domain.positions.reserve import BASE_DECIMALS
from domain.shared.chain import short
from domain.shared.money import plain, scaled


def inputs_of(evidence: Evidence) -> Iterator[InputUsed]:
    """Yield each figure that the signal behind an alert was decided from, with its source and its age by then."""
    decided_at = evidence.signal.detected_at
    if isinstance(evidence.input, Input):
        seen = evidence.input.seen
        if isinstance(seen, PositionLiquidated):
            yield from _liquidated(seen)
        else:
            yield from _position(seen, decided_at)
    yield from _remembered(evidence, decided_at)
    yield from _rules(evidence, decided_at)


def _position(seen: LendingPosition, decided_at: datetime) -> Iterator[InputUsed]:
    at = seen.block.time
    pool = f"the pool {short(seen.market)} at block {seen.block.number} ({seen.block.hash[:10]}…)"
    oracle = f"the pool's price oracle at block {seen.block.number}; how old its answer was is not on record"

    def read(name: str, value: str, source: str) -> InputUsed:
        return InputUsed(name=name, value=value, source=source, as_of=at, age=decided_at - at)

    for leg in seen.legs:
        reserve = leg.reserve
        if leg.supplied:
            name = f"{reserve.symbol} supplied" + ("" if leg.is_collateral else ", not as collateral")
            yield read(name, plain(scaled(leg.supplied, reserve.decimals)), pool)
            threshold = f"{plain(scaled(reserve.liquidation_threshold, 2))} %"
            yield read(f"{reserve.symbol} liquidation threshold", threshold, pool)
        if leg.debt:
            yield read(f"{reserve.symbol} owed", plain(scaled(leg.debt, reserve.decimals)), pool)
        yield read(f"{reserve.symbol} price", f"{plain(scaled(reserve.price, BASE_DECIMALS))} USD", oracle)
    health = seen.health_factor
    contract = f"{pool}, and reproduced from the figures above by its law {seen.law}"
    yield read("health factor", "none" if health is None else f"{health.value:f}", contract)


def _liquidated(fact: PositionLiquidated) -> Iterator[InputUsed]:
    """The market's log names a block, and our record does not say of when that is."""
    told = fact.liquidation
    source = (
        f"log entry {told.log_index} of transaction {told.transaction_hash[:10]}… in block {told.block_number} "
        f"({told.block_hash[:10]}…)"
    )
    for name, value in (
        (f"{told.collateral_symbol} seized", plain(told.collateral_seized)),
        (f"{told.debt_symbol} covered", plain(told.debt_covered)),
    ):
        yield InputUsed(name=name, value=value, source=source, as_of=None, age=None)


def _remembered(evidence: Evidence, decided_at: datetime) -> Iterator[InputUsed]:
    signal = evidence.signal
    if signal.type is not SignalType.PRICE_MOVE or not {"price_before", "since"} <= signal.data.keys():
        return
    try:
        since = datetime.fromisoformat(signal.data["since"])
    except ValueError:
        return
    yield InputUsed(
        name=f"{signal.asset} price before",
        value=f"{signal.data['price_before']} USD",
        source="the observation from which the move was measured",
        as_of=since,
        age=decided_at - since,
    )


def _rules(evidence: Evidence, decided_at: datetime) -> Iterator[InputUsed]:
    rules, fact = evidence.rules, evidence.rules_fact
    if rules is None or fact is None:
        return
    said = rules.thresholds
    thresholds = {
        SignalType.HEALTH_FACTOR_LOW: ("health factor to be told at", said.health_factor_low),
        SignalType.HEALTH_FACTOR_CRITICAL: ("critical health factor", said.health_factor_critical),
        SignalType.PRICE_MOVE: ("price move to be told of", said.price_move),
    }
    at: datetime = getattr(fact.fact, "at", fact.recorded_at)
    source = f"the user's rules, version {rules.version} ({fact.type} at position {fact.place})"
    name, value = thresholds.get(evidence.signal.type, ("signals to be told of", None))
    shown = ", ".join(rules.active) if value is None else plain(value)
    yield InputUsed(name=name, value=shown, source=source, as_of=at, age=decided_at - at)
