"""The log as a machine that hypothesis drives, beside a list in memory that says what it has to hold."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.examples import raised
from tests.integration.log.model import NAMES, Entry, Keyed, Model, Plan, Step

from adapters.codec.fingerprint import fingerprint
from adapters.memory.clock import ManualClock
from application.audit.ports import AuditWork
from application.audit.reading.state_as_of import StateAsOf
from application.audit.replaying.fold import Kind, folded
from application.shared.appender import Appender
from application.shared.ports import Begin, Place, Recorded
from application.shared.requests import KeyReused
from domain.alerts.alert import AlertChange
from domain.alerts.events import AlertAcknowledged, AlertSent
from domain.shared.errors import NotFound, StaleWrite, Unavailable
from domain.shared.ids import Id, UserId

ResultT = TypeVar("ResultT")
STEPS = ("sent", "acknowledge", "resolve", "failed")
NOON = datetime.fromisoformat("2026-01-02T12:00:00+00:00")

steps = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(STEPS)), min_size=1, max_size=5)


@dataclass(frozen=True, slots=True)
class System:
    """A log under test: its transactions, its clock, and how to make a transaction's connection break."""

    run: Callable[[Coroutine[Any, Any, Any]], Any]
    begin: Begin[AuditWork]
    clock: ManualClock
    empty: Callable[[], None]
    crash: Callable[[AuditWork, bool], Awaitable[None]]
    """Break the connection, after the facts were sent to it or before."""
    appender: Appender
    disconnect: Callable[[], None]
    """Break every connection that nobody uses at the moment."""


class LogMachine(RuleBasedStateMachine):
    """Appends, reads, breaks off, folds again and looks back in time; after every step the log is the list."""

    def __init__(self, system: System) -> None:
        super().__init__()
        self.system, self.model = system, Model()

    @initialize()
    def empty(self) -> None:
        self.system.empty()
        self.system.clock.time = NOON

    @rule(wanted=steps, as_user=st.booleans())
    def append(self, wanted: list[Step], as_user: bool) -> None:
        only = raised(NAMES[wanted[0][0] % len(NAMES)]).state.user_id if as_user else None
        plan = self.model.planned(wanted, self.now, only)
        self.run(self.written(plan, only))
        self.model.take(plan, self.now)

    @rule(wanted=steps, wrong=st.sampled_from((-1, 1, 7)), first=st.booleans())
    def append_to_a_stream_that_moved_on(self, wanted: list[Step], wrong: int, first: bool) -> None:
        plan = self.model.planned(wanted, self.now)
        if not plan.changes:
            return
        at = 0 if first else len(plan.changes) - 1
        before, change = plan.changes[at]
        plan.changes[at] = (max(before + wrong, 0) if before + wrong >= 0 else before + 1, change)
        with pytest.raises(StaleWrite):
            self.run(self.written(plan, None))

    @rule(wanted=steps)
    def of_two_writers_at_once_one_is_refused(self, wanted: list[Step]) -> None:
        plan = self.model.planned(wanted, self.now)
        if not plan.changes:
            return
        outcomes = self.run(self.at_once(plan))
        assert sorted(type(one).__name__ for one in outcomes) == ["NoneType", "StaleWrite"]
        self.model.take(plan, self.now)

    @rule(wanted=steps)
    def undo(self, wanted: list[Step]) -> None:
        with pytest.raises(ZeroDivisionError):
            self.run(self.written(self.model.planned(wanted, self.now), None, fail=True))

    @rule(wanted=steps, sent=st.booleans())
    def crash(self, wanted: list[Step], sent: bool) -> None:
        with pytest.raises(Unavailable):
            self.run(self.crashed(self.model.planned(wanted, self.now), sent))

    @rule(step=steps, key=st.uuids().map(str))
    def append_with_a_key(self, step: list[Step], key: Id) -> None:
        plan = self.model.planned(step[:1], self.now)
        if not plan.changes or key in {one.key for one in self.model.keyed}:
            return
        [(before, change)] = plan.changes
        place = len(self.model.log) + 1
        assert self.run(self.appended(before, change, key)) == place
        self.model.take(plan, self.now, printed=False)
        self.model.keyed.append(Keyed(key, before, change, place))

    @precondition(lambda self: self.model.keyed)
    @rule(data=st.data())
    def ask_again_with_a_key(self, data: st.DataObject) -> None:
        """The answer is the first one; for anything else it is a refusal."""
        one = data.draw(st.sampled_from(self.model.keyed), label="append")
        assert self.run(self.appended(one.before, one.change, one.key)) == one.place
        with pytest.raises(KeyReused):
            self.run(self.appended(one.before + 1, one.change, one.key))
        other = raised("dan", number=9, at=self.now)
        with pytest.raises(KeyReused):
            self.run(self.appended(0, other, one.key))

    @precondition(lambda self: self.model.alerts)
    @rule(data=st.data())
    def append_alone_to_a_stream_that_moved_on(self, data: st.DataObject) -> None:
        alert = self.model.alerts[data.draw(st.sampled_from(sorted(self.model.alerts)), label="alert")]
        before = data.draw(st.integers(0, alert.version + 2).filter(lambda one: one != alert.version))
        with pytest.raises(StaleWrite):
            self.run(self.appended(before, raised("dan", number=9, at=self.now), None, alert.id))

    @rule()
    def lose_connections(self) -> None:
        """Nobody notices: neither who begins a transaction, nor who appends."""
        self.system.disconnect()

    @rule(minutes=st.sampled_from((-60, -1, 1, 30)))
    def move_the_clock(self, minutes: int) -> None:
        self.system.clock.advance(timedelta(minutes=minutes))

    @rule(
        after=st.integers(0, 60),
        limit=st.integers(1, 20),
        until=st.none() | st.integers(0, 60),
        own=st.booleans(),
    )
    def read_on(self, after: int, limit: int, until: int | None, own: bool) -> None:
        user = raised(NAMES[0]).state.user_id if own else None
        for types in ((), (AlertSent, AlertAcknowledged)):
            expected = [
                (place, entry)
                for place, entry in enumerate(self.model.log[:until], start=1)
                if place > after
                and (user is None or entry.user == user)
                and (not types or isinstance(entry.fact, types))
            ]
            found = self.run(self.after(after, limit, until, types, user))
            assert [one.place for one in found] == [place for place, _ in expected[:limit]]
            for one, (_, entry) in zip(found, expected[:limit], strict=True):
                same(one, entry)

    @precondition(lambda self: self.model.log)
    @rule(data=st.data())
    def look_back(self, data: st.DataObject) -> None:
        """As of a place and as of a time, what the fold of the log gives is what the alert was."""
        until = data.draw(st.integers(0, len(self.model.log)), label="place")
        number = data.draw(st.sampled_from(sorted(self.model.alerts)), label="alert")
        stream = self.model.alerts[number].id
        history = self.model.history(stream, until)
        assert self.run(self.as_of(stream, place=Place(until))) == (history[-1].state if history else None)
        near = data.draw(st.sampled_from([entry.at for entry in self.model.log]), label="near")
        moment = near + timedelta(minutes=data.draw(st.integers(-2, 2), label="minutes"))
        place = self.model.place_by(moment)
        assert self.run(self.last(by=moment)) == place
        history = self.model.history(stream, place)
        assert self.run(self.as_of(stream, at=moment)) == (history[-1].state if history else None)

    @invariant()
    def the_log_is_the_list(self) -> None:
        found = self.run(self.after(0, 10_000, None, (), None))
        assert [one.place for one in found] == list(range(1, len(self.model.log) + 1))
        for one, entry in zip(found, self.model.log, strict=True):
            same(one, entry)
        assert self.run(self.last()) == len(found)

    @invariant()
    def history_alone_rebuilds_every_state(self) -> None:
        for alert in self.model.alerts.values():
            history = self.run(self.of(alert.id))
            assert folded(history) == alert
            assert [one.version for one in history] == list(range(1, alert.version + 1))

    @property
    def now(self) -> datetime:
        return self.system.clock.now()

    def run(self, awaitable: Coroutine[Any, Any, ResultT]) -> ResultT:
        result: ResultT = self.system.run(awaitable)
        return result

    async def written(self, plan: Plan, actor: UserId | None, *, fail: bool = False) -> None:
        async with self.system.begin(actor) as work:
            plan.into(work)
            if fail:
                raise ZeroDivisionError

    async def appended(
        self, before: int, change: AlertChange, key: Id | None, stream: Id | None = None
    ) -> Place:
        return await self.system.appender.append(stream or change.state.id, before, change.facts, key=key)

    async def at_once(self, plan: Plan) -> list[BaseException | None]:
        return await asyncio.gather(*(self.written(plan, None) for _ in range(2)), return_exceptions=True)

    async def crashed(self, plan: Plan, sent: bool) -> None:
        async with self.system.begin(None) as work:
            plan.into(work)
            await self.system.crash(work, sent)

    async def after(
        self, place: int, limit: int, until: int | None, types: tuple[type, ...], user: UserId | None
    ) -> Sequence[Recorded]:
        end = None if until is None else Place(until)
        async with self.system.begin(user) as work:
            return await work.facts.after(Place(place), limit=limit, types=types, until=end)

    async def of(self, stream: Id) -> Sequence[Recorded]:
        async with self.system.begin(None) as work:
            return await work.facts.of(stream)

    async def last(self, by: datetime | None = None) -> Place:
        async with self.system.begin(None) as work:
            return await work.facts.last(by=by)

    async def as_of(self, stream: Id, **moment: Any) -> object:
        try:
            return await StateAsOf(self.system.begin)(actor=None, kind=Kind.ALERT, id=stream, **moment)
        except NotFound:
            return None


def same(recorded: Recorded, entry: Entry) -> None:
    """Compare everything about a fact with what it has to be."""
    assert (recorded.stream, recorded.version, recorded.fact) == (entry.stream, entry.version, entry.fact)
    assert (recorded.user_id, recorded.recorded_at) == (entry.user, entry.at)
    assert recorded.fingerprint == (fingerprint(entry.state) if entry.printed else None)
