from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.contract.work import Work

from adapters.system.clock import SystemClock
from application.identity.ports import Session
from application.shared.ports import Begin
from domain.shared.errors import StaleWrite
from domain.shared.ids import UserId

People = tuple[UserId, UserId]
Stranger = Callable[[], AbstractAsyncContextManager[Work]]

NOW = SystemClock().now()
HASH = bytes(range(32))


def session(user_id: UserId, *, name: str = "", token_hash: bytes = HASH, days: int = 1) -> Session:
    return Session(
        token_hash=token_hash,
        user_id=user_id,
        opened_at=NOW,
        expires_at=NOW + timedelta(days=days),
        name=name,
    )


async def test_a_stranger_with_the_token_is_its_holder(
    begin: Begin[Work], stranger: Stranger, people: People
) -> None:
    async with begin(people[0]) as work:
        await work.sessions.open(session(people[0]))
    async with stranger() as work:
        assert await work.sessions.holder(HASH, NOW) == people[0]
        assert await work.sessions.holder(bytes(32), NOW) is None


async def test_a_session_ends_when_it_expires(begin: Begin[Work], stranger: Stranger, people: People) -> None:
    async with begin(people[0]) as work:
        await work.sessions.open(session(people[0]))
    async with stranger() as work:
        assert await work.sessions.holder(HASH, NOW + timedelta(days=1, microseconds=-1)) == people[0]
        assert await work.sessions.holder(HASH, NOW + timedelta(days=1)) is None


async def test_a_closed_session_stays_closed(begin: Begin[Work], stranger: Stranger, people: People) -> None:
    async with begin(people[0]) as work:
        await work.sessions.open(session(people[0]))
    for _ in range(2):
        async with begin(people[0]) as work:
            await work.sessions.close(HASH)
        async with stranger() as work:
            assert await work.sessions.holder(HASH, NOW) is None


async def test_nobody_closes_another_users_session(
    begin: Begin[Work], stranger: Stranger, people: People
) -> None:
    ada, bob = people
    async with begin(ada) as work:
        await work.sessions.open(session(ada))
    async with begin(bob) as work:
        await work.sessions.close(HASH)
    async with stranger() as work:
        assert await work.sessions.holder(HASH, NOW) == ada


async def test_who_has_left_holds_no_token(begin: Begin[Work], stranger: Stranger, people: People) -> None:
    async with begin(people[0]) as work:
        await work.sessions.open(session(people[0]))
        await work.users.record((await work.users.get(people[0])).delete(at=datetime(2026, 2, 1, tzinfo=UTC)))
    async with stranger() as work:
        assert await work.sessions.holder(HASH, NOW) is None


async def test_api_tokens_are_the_open_sessions_that_have_a_name(begin: Begin[Work], people: People) -> None:
    ada, bob = people
    older = session(ada, name="older", token_hash=b"\x01" * 32)
    newer = replace(session(ada, name="newer", token_hash=b"\x02" * 32), opened_at=NOW + timedelta(seconds=1))
    async with begin(ada) as work:
        for one in (
            newer,
            older,
            session(ada),
            session(ada, name="expired", token_hash=b"\x03" * 32, days=-1),
            session(ada, name="closed", token_hash=b"\x04" * 32),
        ):
            await work.sessions.open(one)
        await work.sessions.close(b"\x04" * 32)
    async with begin(bob) as work:
        await work.sessions.open(session(bob, name="bob's", token_hash=b"\x05" * 32))
    async with begin(ada) as work:
        assert await work.sessions.named() == (newer, older)


async def test_a_token_opens_one_session(begin: Begin[Work], people: People) -> None:
    async with begin(people[0]) as work:
        await work.sessions.open(session(people[0]))
    with pytest.raises(StaleWrite):
        async with begin(people[0]) as work:
            await work.sessions.open(session(people[0]))
