"""A history as the main loop writes it: the same kinds of facts, in the same turns, as long as anybody likes.

An episode is one fall of one wallet's health factor, from the observation that shows it to the all-clear: twelve facts,
of which three are observations and three planned deliveries; 435 bytes on average. No field is sealed: keys are none
of the log's work. Figures and ids differ in each; the seed makes them the same every time. As in production, ids of
batches are ordered in time (UUID version 7), and those of signals, alerts and deliveries are derived, and so at random.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

from benchmarks.log.ids import ordered_id, random_id
from domain.alerts.events import (
    AlertRaised,
    AlertResolved,
    AlertSent,
    DeliveryPlanned,
    DeliverySucceeded,
    Purpose,
)
from domain.alerts.messages import alarm, all_clear
from domain.identity.preferences import Channel, SignalType
from domain.positions.events import PositionsObserved
from domain.positions.position import Protocol
from domain.shared.chain import Address, Block, ChainId
from domain.shared.ids import AlertId, BatchId, DeliveryId, Id, SignalId, UserId
from domain.signals.events import Severity, SignalCleared, SignalDetected
from domain.signals.subject import Subject

BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_MARKET: Final = Address("0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e2")
_TYPE: Final = SignalType.HEALTH_FACTOR_LOW


@dataclass(frozen=True, slots=True)
class Turn:
    """A fact, the stream that it continues, and which of that stream it is."""

    stream: Id
    version: int
    fact: Any

    @property
    def user_id(self) -> UserId | None:
        """Whose fact it is; None for an observation, which is everybody's."""
        return getattr(self.fact, "user_id", None)


def history(events: int, *, seed: int = 7) -> Iterator[Turn]:
    """Tell so many facts in the order in which the main loop records them."""
    return islice(_episodes(random.Random(seed)), events)


def _episodes(chance: random.Random) -> Iterator[Turn]:
    number = 0
    while True:
        yield from _Episode(chance, number).turns()
        number += 1


class _Episode:
    def __init__(self, chance: random.Random, number: int) -> None:
        self._chance = chance
        self._number = number
        self._at = BEGIN + timedelta(seconds=36 * number, microseconds=chance.randrange(1, 10**6))
        self._user = UserId(self._id())
        wallet = Address(f"0x{chance.randbytes(20).hex()}")
        self._subject = Subject(
            user_id=self._user,
            wallet=wallet,
            chain_id=ChainId(1),
            protocol=Protocol.AAVE_V3,
            market=_MARKET,
        )

    def turns(self) -> Iterator[Turn]:
        seen = self._observed(0)
        yield Turn(seen.batch_id, 1, seen)
        signal = self._detected(seen)
        yield Turn(signal.signal_id, 1, signal)
        alert = self._raised(signal)
        yield Turn(alert.alert_id, 1, alert)
        yield from self._delivered(alert, Purpose.ALARM)
        sent = AlertSent(
            alert_id=alert.alert_id, user_id=self._user, channel=Channel.TELEGRAM, at=self._time(3)
        )
        yield Turn(alert.alert_id, 2, sent)
        quiet = self._observed(12)
        yield Turn(quiet.batch_id, 1, quiet)
        better = self._observed(24)
        yield Turn(better.batch_id, 1, better)
        cleared = self._cleared(signal, better)
        yield Turn(signal.signal_id, 2, cleared)
        message = all_clear(_TYPE, self._subject, cleared)
        over = AlertResolved(alert_id=alert.alert_id, user_id=self._user, message=message, at=self._time(25))
        yield Turn(alert.alert_id, 3, over)
        yield from self._delivered(alert, Purpose.ALL_CLEAR)

    def _observed(self, second: int) -> PositionsObserved:
        chance, at = self._chance, self._time(second)
        block = Block(19_000_000 + self._number * 3 + second // 12, self._hash(), at.replace(microsecond=0))
        return PositionsObserved(
            batch_id=BatchId(ordered_id(self._chance, at)),
            chain_id=ChainId(1),
            protocol=Protocol.AAVE_V3,
            market=_MARKET,
            block=block,
            count=chance.randrange(1, 400),
            root=chance.randbytes(32).hex(),
            without_position=tuple(Address(f"0x{chance.randbytes(20).hex()}") for _ in range(4)),
            unread=(),
            at=at,
        )

    def _detected(self, seen: PositionsObserved) -> SignalDetected:
        return SignalDetected(
            signal_id=SignalId(self._id()),
            user_id=self._user,
            subject=self._subject,
            type=_TYPE,
            asset="WETH",
            severity=Severity.HIGH,
            data={"health_factor": self._health(1.2), "threshold": "1.5", **_where(seen.block)},
            rule_version=1,
            source=str(seen.batch_id),
            at=seen.at,
            expires_at=None,
        )

    def _raised(self, signal: SignalDetected) -> AlertRaised:
        return AlertRaised(
            alert_id=AlertId(self._id()),
            user_id=self._user,
            signal_id=signal.signal_id,
            subject=self._subject,
            type=signal.type,
            severity=signal.severity,
            channels=(Channel.IN_APP, Channel.TELEGRAM),
            message=alarm(signal),
            data=signal.data,
            rule_version=1,
            at=signal.at,
        )

    def _cleared(self, signal: SignalDetected, seen: PositionsObserved) -> SignalCleared:
        figures = {"health_factor": self._health(1.6), "threshold": "1.5", "clears_at": "1.53"}
        return SignalCleared(
            signal_id=signal.signal_id,
            user_id=self._user,
            data={**figures, **_where(seen.block)},
            source=str(seen.batch_id),
            at=seen.at,
        )

    def _delivered(self, alert: AlertRaised, purpose: Purpose) -> Iterator[Turn]:
        at = self._time(1 if purpose is Purpose.ALARM else 25)
        ids = [(channel, DeliveryId(self._id())) for channel in (Channel.IN_APP, Channel.TELEGRAM)]
        for channel, delivery in ids[: 2 if purpose is Purpose.ALARM else 1]:
            planned = DeliveryPlanned(
                delivery_id=delivery,
                alert_id=alert.alert_id,
                user_id=self._user,
                channel=channel,
                purpose=purpose,
                attempt=1,
                due_at=at,
                at=at,
            )
            yield Turn(delivery, 1, planned)
        if purpose is Purpose.ALARM:
            receipt = {"chat_id": "4242", "message_id": str(self._number)}
            done = DeliverySucceeded(
                delivery_id=ids[1][1], user_id=self._user, receipt=receipt, at=self._time(2)
            )
            yield Turn(ids[1][1], 2, done)

    def _id(self) -> Id:
        return random_id(self._chance)

    def _hash(self) -> str:
        return f"0x{self._chance.randbytes(32).hex()}"

    def _health(self, about: float) -> str:
        return f"{about + self._chance.random() / 5:.4f}{self._chance.randrange(10**13, 10**14)}"

    def _time(self, second: int) -> datetime:
        return self._at + timedelta(seconds=second)


def _where(block: Block) -> dict[str, str]:
    return {"block_number": str(block.number), "block_hash": block.hash, "block_time": block.time.isoformat()}
