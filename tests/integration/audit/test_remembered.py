"""What the detectors remember is compared with what the log leads to, wherever they have come in it."""

import pytest
from tests.fixtures.database import Database
from tests.integration.audit.lived import by_hand
from tests.unit.application.market import wallet
from tests.unit.application.world import World

from application.audit.replaying.report import Difference, DifferenceKind, FieldDifference, ReplayReport
from application.shared.ports import Place, Recorded
from domain.identity.events import UserRegistered
from domain.positions.events import PositionsObserved
from domain.shared.ids import Id

ALTERED = DifferenceKind.MEMORY_ALTERED
MISSING = DifferenceKind.MEMORY_MISSING
UNFOUNDED = DifferenceKind.MEMORY_UNFOUNDED

MINE = f"wallet_address = '{wallet(1)}'"
AS_A_STRANGER = f"SELECT user_id, chain_id, protocol, market, '{wallet(9)}', state, has_episode"


async def _log(world: World) -> list[Recorded]:
    async with world.begin(None) as work:
        return list(await work.facts.after(Place(0), limit=10_000))


async def _registered(world: World) -> Recorded:
    """Ada's first fact; her rules are as old as that."""
    return next(one for one in await _log(world) if isinstance(one.fact, UserRegistered))


def _silent(report: ReplayReport) -> bool:
    """Say whether no sentence and no field tells of a wallet, or of what is in it."""
    return "0x" not in str(report.differences)


async def test_an_untouched_memory_is_compared_whole(lived: World, database: Database) -> None:
    report = await lived.replay()
    assert report.identical
    async with lived.begin(None) as work:
        assert report.followed == await work.checkpoints.hold("detect_signals")
    rules, watches = 2, 3
    assert report.memories == rules + rules + watches


_WATCHES = {
    "a state altered, even where no code reads it": (
        f"UPDATE watches SET state = state || '{{\"forged\": 1}}' WHERE {MINE}",
        FieldDifference(name="state", shown=False),
    ),
    "a price forgotten": (
        f"UPDATE watches SET state = jsonb_set(state, '{{references}}', '[]') WHERE {MINE}",
        FieldDifference(name="state", shown=False),
    ),
    "an episode hidden": (
        f"UPDATE watches SET has_episode = false WHERE {MINE}",
        FieldDifference(name="has_episode", shown=True, stored="false", replayed="true"),
    ),
}


@pytest.mark.parametrize("case", _WATCHES)
async def test_an_altered_watch_is_named_with_the_fact_that_changed_it_last(
    lived: World, database: Database, case: str
) -> None:
    statement, field = _WATCHES[case]
    by_hand(database, statement)
    report = await lived.replay()
    [found] = report.differences
    ring = [one for one in await _log(lived) if isinstance(one.fact, PositionsObserved)][-1]
    assert (found.kind, found.place, found.fields) == (ALTERED, ring.place, (field,))
    assert found.sentence == (
        f"What the detectors remember of a position of user {found.id} in aave_v3 on chain 31337 is not what "
        f"the log leads to (it changed last with {ring.type} at place {ring.place}): {field.name} differs."
    )
    assert _silent(report)
    assert report.decisions > 0


async def test_watches_deleted_and_invented_are_named(lived: World, database: Database) -> None:
    by_hand(
        database,
        f"INSERT INTO watches {AS_A_STRANGER} FROM watches WHERE {MINE}",
        f"DELETE FROM watches WHERE {MINE}",
    )
    report = await lived.replay()
    missing, unfounded = sorted(report.differences, key=lambda one: one.kind)
    assert (missing.kind, unfounded.kind) == (MISSING, UNFOUNDED)
    assert missing.place is not None
    assert missing.id == unfounded.id
    assert missing.sentence.startswith("What the detectors remember of a position of user ")
    assert unfounded.sentence.endswith(" is stored, but nothing in the log leads to it.")
    assert _silent(report)


_RULES = {
    "a body altered": ("UPDATE rules SET body = body || '{{\"active\": []}}' WHERE {who}", ALTERED, "body"),
    "a version invented": (
        "INSERT INTO rules SELECT user_id, 99, body FROM rules WHERE {who}",
        UNFOUNDED,
        None,
    ),
    "others put in force": ("UPDATE rules_in_force SET version = 99 WHERE {who}", ALTERED, "version"),
    "none in force": ("DELETE FROM rules_in_force WHERE {who}", MISSING, None),
    "rules deleted": ("DELETE FROM rules WHERE {who}", MISSING, None),
}


@pytest.mark.parametrize("case", _RULES)
async def test_rules_that_do_not_follow_from_the_log_are_named(
    lived: World, database: Database, case: str
) -> None:
    statement, kind, field = _RULES[case]
    cause = await _registered(lived)
    by_hand(database, statement.format(who=f"user_id = '{cause.stream}'"))
    report = await lived.replay()
    [found] = report.differences
    assert (found.kind, found.id) == (kind, cause.stream)
    assert found.place == (None if kind is UNFOUNDED else cause.place)
    assert [one.name for one in found.fields] == ([field] if field else [])
    assert f"lert rules of user {cause.stream}" in found.sentence
    if field == "version":
        assert found.fields == (FieldDifference(name="version", shown=True, stored="99", replayed="1"),)
    assert (await lived.replays(since=cause.place)).identical is (kind is not UNFOUNDED)


async def test_memories_of_one_user_alone_are_compared(lived: World, database: Database) -> None:
    ada, bob = sorted({signal.user_id for signal in await lived.signals()})
    whole = await lived.replay()
    theirs = [await lived.replays(user=user) for user in (ada, bob)]
    assert sum(report.memories for report in theirs) == whole.memories
    by_hand(database, f"UPDATE watches SET has_episode = false WHERE user_id = '{ada}'")
    assert (await lived.replays(user=bob)).identical
    assert _ids((await lived.replays(user=ada)).differences) == {ada}


async def test_a_replay_that_ends_before_the_log_compares_no_memories(
    lived: World, database: Database
) -> None:
    by_hand(database, "DELETE FROM watches")
    last = (await _log(lived))[-1].place
    part = await lived.replays(until=Place(last - 1))
    assert part.identical
    assert (part.memories, part.followed) == (0, None)
    assert (await lived.replays(until=last)).count == 3


async def test_nothing_is_said_of_memories_that_rest_on_altered_snapshots(
    lived: World, database: Database
) -> None:
    by_hand(
        database,
        "UPDATE positions SET observation = replace(encode(observation, 'escape'), 'WETH', 'WBTC')::bytea",
        "DELETE FROM watches",
    )
    report = await lived.replay()
    assert [one.kind for one in report.differences] == [DifferenceKind.INPUT_TAMPERED]
    assert report.followed is None


def _ids(differences: tuple[Difference, ...]) -> set[Id | None]:
    return {one.id for one in differences}
