from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from application.shared.ports import Begin, Recorded
from application.shared.reaction import follow, source_of
from application.signals.detecting import DetectingWork
from domain.identity.events import (
    PreferencesChanged,
    UserDeleted,
    UserForgotten,
    UserRegistered,
    WalletUnlinked,
)
from domain.positions.events import PositionLiquidated, PositionsObserved
from domain.positions.position import LendingPosition
from domain.signals.detectors.catalogue import closed_with, detect
from domain.signals.detectors.liquidation import position_liquidated
from domain.signals.detectors.sight import Finding, Sight
from domain.signals.events import SignalCleared, SignalDetected
from domain.signals.rules import Rules
from domain.signals.signal import Signal
from domain.signals.subject import Subject
from domain.signals.watch import Watch

LEFT = "nothing is supplied as collateral or owed any more"
UNLINKED = "the wallet is no longer watched"


@dataclass(frozen=True, slots=True)
class DetectSignals:
    """Follow the log, and find in each observation what its users want to hear of.

    Everything that a decision rests on - rules, memory, observation - is itself a fold of the facts followed here,
    in their order; so the same log gives the same signals, whenever it is followed.
    """

    begin: Begin[DetectingWork]

    name: ClassVar[str] = "detect_signals"
    follows: ClassVar[tuple[type, ...]] = (
        UserRegistered,
        PreferencesChanged,
        WalletUnlinked,
        UserDeleted,
        UserForgotten,
        PositionsObserved,
        PositionLiquidated,
    )

    async def __call__(self) -> int:
        """React to the next facts and return how many there were."""
        return await follow(self.begin, self.name, self.follows, _react)


async def _react(work: DetectingWork, recorded: Recorded) -> None:
    fact, source = recorded.fact, source_of(recorded)
    match fact:
        case UserRegistered() | PreferencesChanged():
            await work.rules.put(Rules.of(fact.user_id, fact.preferences, recorded.version))
        case WalletUnlinked():
            watches = await work.watches.of_wallet(fact.user_id, fact.address)
            await _close(work, watches, UNLINKED, source, fact.at)
        case UserDeleted() | UserForgotten():
            await work.rules.drop(fact.user_id)
            watches = await work.watches.of_wallet(fact.user_id, None)
            await _close(work, watches, UNLINKED, source, fact.at)
        case PositionsObserved():
            await _look(work, fact, source)
        case PositionLiquidated():
            await _mourn(work, fact, source)
        case _:
            pass


async def _look(work: DetectingWork, fact: PositionsObserved, source: str) -> None:
    seen = {
        Subject.of(snapshot.user_id, snapshot.seen): snapshot.seen
        for snapshot in await work.positions.of_batch(fact)
        if isinstance(snapshot.seen, LendingPosition)
    }
    rules = await work.rules.newest({subject.user_id for subject in seen})
    known = await work.watches.of(seen.keys())
    await _keep(
        work,
        (
            _compared(
                known.get(subject, Watch(subject=subject)),
                Sight(position=position, rules=rules[subject.user_id], source=source, at=fact.at),
            )
            for subject, position in seen.items()
            if subject.user_id in rules
        ),
    )
    if fact.without_position:
        left = await work.watches.standing(fact.chain_id, fact.without_position)
        here = [watch for watch in left if watch.subject.market == fact.market]
        await _close(work, here, LEFT, source, fact.at)


async def _close(
    work: DetectingWork, watches: Iterable[Watch], reason: str, source: str, at: datetime
) -> None:
    """End what stands, in an order that does not depend on where the memories are kept."""
    ordered = sorted(watches, key=lambda watch: str(watch.subject))
    await _keep(work, (closed_with(watch, reason, source, at) for watch in ordered))


def _compared(watch: Watch, sight: Sight) -> tuple[Watch | None, tuple[Finding, ...]]:
    after, findings = detect(watch, sight)
    return (None if after == watch else after), findings


async def _mourn(work: DetectingWork, fact: PositionLiquidated, source: str) -> None:
    rules = await work.rules.newest({fact.user_id})
    if fact.user_id in rules:
        told = fact.liquidation
        subject = Subject(
            user_id=fact.user_id,
            wallet=told.wallet,
            chain_id=told.chain_id,
            protocol=told.protocol,
            market=told.market,
        )
        await _record(work, position_liquidated(subject, fact, rules[fact.user_id], source))


async def _keep(work: DetectingWork, decided: Iterable[tuple[Watch | None, tuple[Finding, ...]]]) -> None:
    changed: list[Watch] = []
    found: list[Finding] = []
    for watch, findings in decided:
        if watch is not None:
            changed.append(watch)
        found.extend(findings)
    await _record(work, found)
    if changed:
        await work.watches.put(changed)


async def _record(work: DetectingWork, findings: Sequence[Finding]) -> None:
    cleared = [finding.signal_id for finding in findings if isinstance(finding, SignalCleared)]
    standing = await work.signals.some(cleared) if cleared else {}
    changes = [
        Signal.detected(finding)
        if isinstance(finding, SignalDetected)
        else standing[finding.signal_id].clear(finding)
        for finding in findings
    ]
    if changes:
        await work.signals.record(*changes)
