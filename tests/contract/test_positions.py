from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.contract.work import Work
from tests.examples import AT, CHAIN, LATER, MARKET, USD, block, position, user_id, wallet

from adapters.memory.ids import SequentialIds
from application.positions.ports import Snapshot
from application.shared.ports import Begin
from domain.positions.errors import Tampered
from domain.positions.events import PositionsObserved
from domain.positions.position import LendingPosition, Protocol, Unread
from domain.shared.chain import Address
from domain.shared.ids import BatchId, PositionId, UserId

People = tuple[UserId, UserId]
IDS = SequentialIds()


async def observe(
    begin: Begin[Work],
    seen: Sequence[LendingPosition | Unread],
    *,
    watchers: Sequence[str] = ("ada",),
    without: Sequence[Address] = (),
    at: datetime = AT,
) -> tuple[PositionsObserved, tuple[Snapshot, ...]]:
    """Store what was seen at a block of that time, for each watcher."""
    here = block(int(at.timestamp()), at=at)
    batch = PositionsObserved(
        batch_id=BatchId(IDS.new()),
        chain_id=CHAIN,
        protocol=Protocol.AAVE_V3,
        market=MARKET,
        block=here,
        count=0,
        root="",
        without_position=tuple(without),
        unread=(),
        at=LATER,
    )
    snapshots = tuple(
        Snapshot(
            id=PositionId(IDS.new()),
            user_id=user_id(name),
            batch_id=batch.batch_id,
            chain_id=CHAIN,
            block=here,
            observed_at=LATER,
            seen=replace(one, block=here) if isinstance(one, LendingPosition) else one,
        )
        for one in seen
        for name in watchers
    )
    async with begin(None) as work:
        fact = await work.positions.store(batch, snapshots)
    return fact, snapshots


async def test_a_batch_comes_back_as_stored(begin: Begin[Work], people: People) -> None:
    unread = Unread(wallet("second"), "Its symbol is not UTF-8.")
    seen = (position("ada"), position("bob", debt=0), unread)
    fact, snapshots = await observe(begin, seen, watchers=("ada", "bob"))
    assert fact.count == 6
    assert len(bytes.fromhex(fact.root)) == 32
    async with begin(None) as work:
        assert await work.positions.of_batch(fact) == snapshots


async def test_an_empty_batch_is_a_batch(begin: Begin[Work], people: People) -> None:
    fact, _ = await observe(begin, [])
    async with begin(None) as work:
        assert await work.positions.of_batch(fact) == ()


async def test_a_batch_that_is_not_what_the_fact_covers_is_refused(
    begin: Begin[Work], people: People
) -> None:
    fact, _ = await observe(begin, [position("ada")])
    other, _ = await observe(begin, [position("ada", debt=1)])
    async with begin(None) as work:
        for tampered in (replace(fact, root=other.root), replace(fact, count=2), replace(fact, count=0)):
            with pytest.raises(Tampered):
                await work.positions.of_batch(tampered)


async def test_an_actor_reads_their_part_of_a_batch(begin: Begin[Work], people: People) -> None:
    fact, snapshots = await observe(begin, [position("ada")], watchers=("ada", "bob"))
    async with begin(people[0]) as work:
        assert await work.positions.of_batch(fact) == snapshots[:1]
        with pytest.raises(Tampered):
            await work.positions.of_batch(replace(fact, root="00" * 32))


async def test_the_latest_is_the_newest_of_each_stake(begin: Begin[Work], people: People) -> None:
    async with begin(people[0]) as work:
        user = await work.users.get(people[0])
        await work.users.record(user.link(wallet=wallet("second"), label="", at=LATER))
    second = replace(position("second"), legs=position().legs)
    await observe(begin, [position("ada"), second])
    _, newer = await observe(begin, [position("ada", eth_price=1900 * USD)], at=LATER)
    _, newest = await observe(begin, [Unread(wallet("second"), "No answer.")], at=LATER)
    async with begin(people[0]) as work:
        found = await work.positions.latest(people[0])
        assert set(map(str, found)) == set(map(str, (*newer, *newest)))


async def test_the_latest_is_of_wallets_that_are_linked_now(begin: Begin[Work], people: People) -> None:
    await observe(begin, [position("somebody else's")])
    async with begin(people[0]) as work:
        assert await work.positions.latest(people[0]) == ()


async def test_a_stake_that_is_gone_is_not_among_the_latest(begin: Begin[Work], people: People) -> None:
    await observe(begin, [position("ada")])
    await observe(begin, [], without=[wallet("ada")], at=LATER)
    async with begin(people[0]) as work:
        assert await work.positions.latest(people[0]) == ()
    _, [again] = await observe(begin, [position("ada")], at=LATER + timedelta(seconds=1))
    async with begin(people[0]) as work:
        assert await work.positions.latest(people[0]) == (again,)


async def test_nobody_sees_another_users_positions(begin: Begin[Work], people: People) -> None:
    await observe(begin, [position("ada")])
    async with begin(people[1]) as work:
        assert await work.positions.latest(people[0]) == ()
        assert await history(work, people[0]) == ()


async def test_history_is_newest_first_and_continues_before_any(begin: Begin[Work], people: People) -> None:
    snapshots = [
        (await observe(begin, [position("ada")], at=AT + timedelta(hours=hour)))[1][0] for hour in (2, 0, 1)
    ]
    newest = [snapshots[0], snapshots[2], snapshots[1]]
    async with begin(people[0]) as work:
        first = await history(work, people[0], limit=2)
        rest = await history(work, people[0], before=first[-1].id)
    assert [*first, *rest] == newest


async def test_history_has_bounds_that_count_themselves(begin: Begin[Work], people: People) -> None:
    times = [AT + timedelta(days=40 * number) for number in range(4)]
    snapshots = [(await observe(begin, [position("ada")], at=at))[1][0] for at in times]
    async with begin(people[0]) as work:
        assert list(await history(work, people[0], since=times[1], until=times[2])) == snapshots[2:0:-1]
        assert list(await history(work, people[0], wallet=wallet("bob"))) == []
        assert len(await history(work, people[0], wallet=wallet("ada"), before=PositionId(IDS.new()))) == 0


async def history(
    work: Work,
    user_id: UserId,
    *,
    wallet: Address | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: PositionId | None = None,
    limit: int = 9,
) -> tuple[Snapshot, ...]:
    return await work.positions.history(
        user_id, wallet=wallet, since=since, until=until, before=before, limit=limit
    )
