from typing import Protocol

import pytest
from tests.contract.work import Work
from tests.examples import AT, registered, user_id

from adapters.codec import folding
from adapters.codec.sealed_states import open_snapshot, seal_snapshot
from adapters.codec.sealing import SubjectKey
from application.audit.forgetting.forgetting import ForgetWork
from application.audit.ports import StreamSnapshot
from application.audit.reading.stream_state import SPACING, state_at
from application.audit.replaying.fold import Kind
from application.shared.ports import Begin, Place
from domain.identity.preferences import Preferences, RiskProfile
from domain.identity.user import User
from domain.shared.ids import UserId

People = tuple[UserId, UserId]


class ForgettingWork(Work, ForgetWork, Protocol):
    """What forgetting needs besides."""


CAUTIOUS, BOLD = Preferences.of(RiskProfile.CONSERVATIVE), Preferences.of(RiskProfile.AGGRESSIVE)


async def changed(begin: Begin[Work], user: UserId, times: int) -> User:
    """Let a user change their mind so often."""
    async with begin(user) as work:
        known = await work.users.get(user)
        for number in range(times):
            change = known.prefer(CAUTIOUS if number % 2 else BOLD, at=AT)
            await work.users.record(change)
            known = change.state
    return known


async def at(begin: Begin[Work], user: UserId, place: int, actor: UserId | None = None) -> object:
    async with begin(actor) as work:
        return await state_at(work, actor, Kind.USER, user, until=Place(place))


async def kept(begin: Begin[Work], user: UserId, until: int = 10**6) -> StreamSnapshot | None:
    async with begin(None) as work:
        return await work.snapshots.newest(user, until=Place(until))


async def test_a_long_stream_is_folded_once_and_then_from_where_it_was(
    begin: Begin[Work], people: People
) -> None:
    ada, _ = people
    whole = await changed(begin, ada, SPACING + 5)
    last = 4 + SPACING + 5
    assert await kept(begin, ada) is None
    earlier = await at(begin, ada, last - 3)
    assert await kept(begin, ada) == StreamSnapshot(earlier, Place(last - 3))  # type: ignore[arg-type]
    assert await kept(begin, ada, last - 4) is None
    assert await at(begin, ada, last) == whole
    assert await kept(begin, ada) == StreamSnapshot(earlier, Place(last - 3))  # type: ignore[arg-type]
    assert await at(begin, ada, last, actor=ada) == whole


async def test_a_short_stream_keeps_nothing_nor_does_what_an_actor_asks(
    begin: Begin[Work], people: People
) -> None:
    ada, bob = people
    await changed(begin, ada, SPACING)
    await at(begin, bob, 4)
    await at(begin, ada, 4 + SPACING, actor=ada)
    assert await kept(begin, ada) is None
    assert await kept(begin, bob) is None


async def test_other_code_makes_it_useless(
    begin: Begin[Work], people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, _ = people
    whole = await changed(begin, ada, SPACING)
    await at(begin, ada, 4 + SPACING)
    assert await kept(begin, ada) is not None
    for module in ("postgres.log", "memory"):
        monkeypatch.setattr(f"adapters.{module}.stream_snapshots.folding_code", lambda: b"\1" * 32)
    assert await kept(begin, ada) is None
    assert await at(begin, ada, 4 + SPACING) == whole
    assert await kept(begin, ada) is not None
    monkeypatch.undo()
    assert folding.folding_code() != b"\1" * 32
    assert await at(begin, ada, 4 + SPACING) == whole


async def test_another_user_has_no_use_for_it(begin: Begin[Work], people: People) -> None:
    ada, bob = people
    await changed(begin, ada, SPACING)
    await at(begin, ada, 4 + SPACING)
    async with begin(bob) as work:
        assert await work.snapshots.newest(ada, until=Place(10**6)) is None


async def test_with_the_users_key_it_is_gone(begin: Begin[ForgettingWork], people: People) -> None:
    ada, _ = people
    await changed(begin, ada, SPACING)
    await at(begin, ada, 4 + SPACING)
    assert await kept(begin, ada) is not None
    async with begin(None) as work:
        await work.subjects.destroy(ada, at=AT)
    assert await kept(begin, ada) is None
    assert isinstance(await at(begin, ada, 4 + SPACING), User)
    assert await kept(begin, ada) is None


def test_a_sealed_state_opens_in_its_own_place_alone() -> None:
    user, people_key = registered("ada").state, SubjectKey.of(b"\1" * 32, since=0)
    code = b"\7" * 32
    sealed = seal_snapshot(StreamSnapshot(user, Place(9)), people_key, code)

    def opened(stored: bytes = sealed, key: SubjectKey = people_key, **other: object) -> object:
        named = {"stream": user.id, "version": user.version, "place": Place(9), **other}
        return open_snapshot(stored, key, named.pop("code", code), **named)  # type: ignore[arg-type]

    assert opened() == user
    assert opened(version=3) is None
    assert opened(place=Place(8)) is None
    assert opened(stream=user_id("bob")) is None
    assert opened(code=b"\x08" * 32) is None
    assert opened(sealed[:-2] + b"AA") is None
    assert opened(b"\xff\xfe") is None
    assert opened(key=SubjectKey.of(b"\2" * 32, since=0)) is None
