from collections.abc import Callable
from dataclasses import fields, replace
from decimal import Decimal

import pytest
from tests.unit.application.market import wallet
from tests.unit.application.world import World

from adapters.codec.events import encode
from adapters.memory.positions import StoredSnapshot
from application.audit.replaying.report import DifferenceKind
from application.shared.ports import Place, Recorded
from domain.alerts.alert import Alert, AlertStatus
from domain.alerts.events import AlertRaised, AlertResolved, DeliveryPlanned, DeliverySucceeded
from domain.identity.events import PreferencesChanged
from domain.shared.ids import AlertId, id_of
from domain.signals.events import SignalCleared, SignalDetected
from domain.signals.rules import Rules
from domain.signals.watch import Watch

Tamper = Callable[[World], object]


@pytest.fixture
async def lived(world: World) -> World:
    """A world in which one fall rang, was delivered, and was over."""
    user = await world.register(wallet(1))
    world.market.stakes = {wallet(1): (10, 10_000)}
    await world.live()
    await world.prefer(user, low="1.6")
    for dollars in (1850, 1700, 2000, 1300):
        await world.live(dollars)
    assert (await world.replay()).identical
    return world


def _find(world: World, type: type) -> int:
    return next(index for index, one in enumerate(world.database.store.log) if isinstance(one.fact, type))


def _rewrite(world: World, type: type, **changes: object) -> None:
    index = _find(world, type)
    recorded = world.database.store.log[index]
    kept = {one.name: getattr(recorded.fact, one.name) for one in fields(type)}
    fact = type(**kept | changes)
    world.database.store.log[index] = recorded._replace(fact=fact, stored=encode(fact)[1])


def _cut(world: World, type: type) -> None:
    del world.database.store.log[_find(world, type)]


def _renumber(world: World) -> None:
    """Cover the traces: places without gaps, and versions that count."""
    versions: dict[object, int] = {}
    log: list[Recorded] = []
    for place, recorded in enumerate(world.database.store.log, start=1):
        versions[recorded.stream] = versions.get(recorded.stream, 0) + 1
        log.append(recorded._replace(place=Place(place), version=versions[recorded.stream]))
    world.database.store.log[:] = log


def _cut_unseen(world: World, type: type) -> None:
    _cut(world, type)
    _renumber(world)


def _double(world: World, type: type) -> None:
    index = _find(world, type)
    world.database.store.log.insert(index + 1, world.database.store.log[index])
    _renumber(world)


def _swap(world: World, type: type) -> None:
    log = world.database.store.log
    first, second = [index for index, one in enumerate(log) if isinstance(one.fact, type)][:2]
    log[first], log[second] = log[second], log[first]
    _renumber(world)


def _overload(world: World) -> None:
    log = world.database.store.log
    index = _find(world, SignalDetected)
    log[index] = log[index]._replace(stored=log[index].stored.replace(b"{", b'{"why":"nobody knows",', 1))


def _alter_state(world: World) -> None:
    rows = world.database.store.rows["alerts"]
    alert = next(iter(rows.values()))
    assert isinstance(alert, Alert)
    rows[alert.id] = replace(alert, status=AlertStatus.ACKNOWLEDGED)


def _forget_state(world: World) -> None:
    rows = world.database.store.rows["signals"]
    del rows[next(iter(rows))]


def _invent_state(world: World) -> None:
    rows = world.database.store.rows["alerts"]
    alert = next(iter(rows.values()))
    assert isinstance(alert, Alert)
    invented = replace(alert, id=AlertId(id_of(7)))
    rows[invented.id] = invented


def _silence_a_watch(world: World) -> None:
    rows = world.database.store.rows["watches"]
    watch = next(iter(rows.values()))
    assert isinstance(watch, Watch)
    rows[watch.subject] = replace(watch, references=())


def _forget_watches(world: World) -> None:
    world.database.store.rows["watches"].clear()


def _invent_a_watch(world: World) -> None:
    rows = world.database.store.rows["watches"]
    watch = next(iter(rows.values()))
    assert isinstance(watch, Watch)
    invented = replace(watch, subject=replace(watch.subject, wallet=wallet(9)))
    rows[invented.subject] = invented


def _listen_to_nothing(world: World) -> None:
    rows = world.database.store.rows["rules"]
    for key, rules in rows.items():
        assert isinstance(rules, Rules)
        rows[key] = replace(rules, active=())


def _go_back_to_old_rules(world: World) -> None:
    rows = world.database.store.rows["rules_in_force"]
    rows.update(dict.fromkeys(rows, 1))


def _pass_over_what_comes(world: World) -> None:
    world.database.store.rows["checkpoints"]["detect_signals"] = 10_000


def _raise_threshold(world: World) -> None:
    fact = world.database.store.log[_find(world, PreferencesChanged)].fact
    assert isinstance(fact, PreferencesChanged)
    thresholds = replace(fact.preferences.alert_thresholds, health_factor_low=Decimal("1.7"))
    _rewrite(world, PreferencesChanged, preferences=replace(fact.preferences, alert_thresholds=thresholds))


def _sweeten_snapshot(world: World) -> None:
    rows = world.database.store.rows["positions"]
    key, row = list(rows.items())[-1]
    assert isinstance(row, StoredSnapshot)
    rows[key] = replace(row, observation=row.observation.replace(b'"WETH"', b'"WBTC"'))


_CASES: dict[str, tuple[Tamper, set[DifferenceKind]]] = {
    "a state altered": (_alter_state, {DifferenceKind.STATE_ALTERED}),
    "a state removed": (_forget_state, {DifferenceKind.STATE_MISSING}),
    "a state invented": (_invent_state, {DifferenceKind.STATE_UNFOUNDED}),
    "a message altered": (
        lambda world: _rewrite(world, AlertRaised, message="Nothing to worry about."),
        {DifferenceKind.DECISION_ALTERED, DifferenceKind.STATE_ALTERED},
    ),
    "an all-clear altered": (
        lambda world: _rewrite(world, AlertResolved, message="All clear, truly."),
        {DifferenceKind.DECISION_ALTERED, DifferenceKind.STATE_ALTERED},
    ),
    "a receipt altered": (
        lambda world: _rewrite(world, DeliverySucceeded, receipt={"id": "forged"}),
        {DifferenceKind.STATE_ALTERED},
    ),
    "a signal altered": (
        lambda world: _rewrite(world, SignalDetected, data={"health_factor": "1.9"}),
        {DifferenceKind.DECISION_ALTERED, DifferenceKind.STATE_ALTERED},
    ),
    "a fact with a field that nobody knows": (_overload, {DifferenceKind.FACT_ALTERED}),
    "a decided fact cut out": (
        lambda world: _cut(world, SignalDetected),
        {DifferenceKind.GAP, DifferenceKind.DECISION_MISSING, DifferenceKind.HISTORY_BROKEN},
    ),
    "a decided fact cut out and the log renumbered": (
        lambda world: _cut_unseen(world, SignalCleared),
        {DifferenceKind.DECISION_MISSING, DifferenceKind.STATE_ALTERED},
    ),
    "a planned delivery cut out and the log renumbered": (
        lambda world: _cut_unseen(world, DeliveryPlanned),
        {DifferenceKind.DECISION_MISSING, DifferenceKind.HISTORY_BROKEN},
    ),
    "a signal doubled": (
        lambda world: _double(world, SignalDetected),
        {DifferenceKind.DECISION_UNFOUNDED, DifferenceKind.HISTORY_BROKEN},
    ),
    "an all-clear doubled": (
        lambda world: _double(world, AlertResolved),
        {DifferenceKind.DECISION_UNFOUNDED, DifferenceKind.STATE_ALTERED},
    ),
    "two decisions in another order": (
        lambda world: _swap(world, SignalDetected),
        {DifferenceKind.DECISION_MISPLACED},
    ),
    "the user's threshold altered": (
        _raise_threshold,
        {DifferenceKind.DECISION_ALTERED, DifferenceKind.STATE_ALTERED},
    ),
    "a watch silenced": (_silence_a_watch, {DifferenceKind.MEMORY_ALTERED}),
    "a watch forgotten": (_forget_watches, {DifferenceKind.MEMORY_MISSING}),
    "a watch invented": (_invent_a_watch, {DifferenceKind.MEMORY_UNFOUNDED}),
    "rules altered": (_listen_to_nothing, {DifferenceKind.MEMORY_ALTERED}),
    "old rules in force": (_go_back_to_old_rules, {DifferenceKind.MEMORY_ALTERED}),
    "a checkpoint ahead of the log": (_pass_over_what_comes, {DifferenceKind.CHECKPOINT_ALTERED}),
    "a snapshot altered": (_sweeten_snapshot, {DifferenceKind.INPUT_TAMPERED}),
}


@pytest.mark.parametrize("case", _CASES)
async def test_replay_names(lived: World, case: str) -> None:
    tamper, named = _CASES[case]
    tamper(lived)
    report = await lived.replay()
    assert not report.identical
    assert {difference.kind for difference in report.differences} >= named
    assert all(difference.sentence.endswith(".") for difference in report.differences)


async def test_the_difference_names_the_thing_its_place_and_the_fields(lived: World) -> None:
    _rewrite(lived, DeliverySucceeded, receipt={"id": "forged"})
    [difference] = (await lived.replay()).differences
    recorded = lived.database.store.log[_find(lived, DeliverySucceeded)]
    assert (difference.id, difference.place) == (recorded.stream, recorded.place)
    assert difference.sentence.endswith("receipt differs.")
    assert "forged" not in difference.sentence


async def test_a_tampered_batch_is_named_and_what_came_before_is_still_compared(lived: World) -> None:
    _sweeten_snapshot(lived)
    [difference] = (await lived.replay()).differences
    assert difference.kind is DifferenceKind.INPUT_TAMPERED
    assert "not those that the log covers" in difference.sentence
