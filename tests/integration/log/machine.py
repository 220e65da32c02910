"""The log as a machine that hypothesis drives, beside a list in memory that says what it has to hold."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.examples import raised

from adapters.codec.fingerprint import fingerprint
from adapters.memory.clock import ManualClock
from application.audit.fold import Kind, folded
from application.audit.ports import AuditWork
from application.audit.state_as_of import StateAsOf
from application.shared.ports import Begin, Place, Recorded
from domain.alerts.alert import Alert, AlertChange
from domain.alerts.events import AlertAcknowledged, AlertRaised, AlertSent
from domain.identity.preferences import Channel
from domain.shared.errors import NotFound, StaleWrite, Unavailable
from domain.shared.ids import UserId

ResultT = TypeVar("ResultT")
Step = tuple[int, str]
"""An alert's number, and what happens to it."""

NAMES = ("ada", "bob", "cyd")
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


@dataclass(frozen=True, slots=True)
class Entry:
    """What one place of the log has to hold."""

    stream: UUID
    version: int
    user: UserId
    fact: object
    at: datetime
    state: Alert
    last_of_change: bool


@dataclass(slots=True)
class Model:
    """The list in memory, and what each alert has come to."""

    log: list[Entry] = field(default_factory=list)
    alerts: dict[int, Alert] = field(default_factory=dict)

    def planned(self, wanted: Sequence[Step], at: datetime, only: UserId | None = None) -> "Plan":
        """Make changes of steps, one after the other; a step that an alert cannot take raises it, or is left out."""
        alerts, changes = dict(self.alerts), []
        for number, step in wanted:
            before = alerts.get(number)
            change = change_of(number, before, step, at)
            if change is None or not change.facts or only not in {None, change.state.user_id}:
                continue
            changes.append((0 if before is None else before.version, change))
            alerts[number] = change.state
        return Plan(alerts, changes)

    def take(self, plan: "Plan", at: datetime) -> None:
        """Let the plan have happened."""
        for before, change in plan.changes:
            state = None
            for number, fact in enumerate(change.facts, start=1):
                state = Alert.raised(fact).state if isinstance(fact, AlertRaised) else change.state
                last = number == len(change.facts)
                user = change.state.user_id
                self.log.append(Entry(change.state.id, before + number, user, fact, at, state, last))
        self.alerts = plan.alerts

    def place_by(self, moment: datetime) -> int:
        """Return the last place before the first that is younger, for clocks go back."""
        return next((at for at, entry in enumerate(self.log) if entry.at > moment), len(self.log))

    def history(self, stream: UUID, until: int | None = None) -> list[Entry]:
        return [entry for entry in self.log[:until] if entry.stream == stream]


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes that belong together, each with the version that it starts from, and what the alerts come to."""

    alerts: dict[int, Alert]
    changes: list[tuple[int, AlertChange]]

    def into(self, work: AuditWork) -> None:
        for before, change in self.changes:
            work.facts.append(change.state.id, before, change.facts, state=change.state)


def change_of(number: int, alert: Alert | None, step: str, at: datetime) -> AlertChange | None:
    if alert is None:
        return raised(NAMES[number % len(NAMES)], number=number, at=at)
    if alert.resolved_at is not None:
        return None
    match step:
        case "sent":
            return alert.sent(channel=Channel.IN_APP, at=at)
        case "acknowledge":
            return alert.acknowledge(at=at)
        case "failed":
            return alert.failed(at=at)
        case _:
            return alert.resolve(message="All clear.", at=at)


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

    @rule(minutes=st.integers(-90, 180))
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
        moment = NOON + timedelta(minutes=data.draw(st.integers(-100, 300), label="minutes"))
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

    async def of(self, stream: UUID) -> Sequence[Recorded]:
        async with self.system.begin(None) as work:
            return await work.facts.of(stream)

    async def last(self, by: datetime | None = None) -> Place:
        async with self.system.begin(None) as work:
            return await work.facts.last(by=by)

    async def as_of(self, stream: UUID, **moment: Any) -> object:
        try:
            return await StateAsOf(self.system.begin)(actor=None, kind=Kind.ALERT, id=stream, **moment)
        except NotFound:
            return None


def same(recorded: Recorded, entry: Entry) -> None:
    """Compare everything about a fact with what it has to be."""
    assert (recorded.stream, recorded.version, recorded.fact) == (entry.stream, entry.version, entry.fact)
    assert (recorded.user_id, recorded.recorded_at) == (entry.user, entry.at)
    assert recorded.fingerprint == (fingerprint(entry.state) if entry.last_of_change else None)
