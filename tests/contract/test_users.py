import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from tests.contract.work import Work
from tests.examples import AT, LATER, registered, user_id, wallet

from application.audit.replaying.fold import folded
from application.shared.ports import Begin
from domain.identity.preferences import Preferences, RiskProfile
from domain.identity.user import User
from domain.shared.errors import NotFound, StaleWrite
from domain.shared.ids import UserId

People = tuple[UserId, UserId]


async def test_a_user_comes_back_as_recorded(begin: Begin[Work]) -> None:
    ada = registered("ada").state
    for name in ("second", "first"):
        ada = ada.link(wallet=wallet(name), label=name, at=LATER).state
    ada = ada.reach_by_telegram("42", at=LATER).state.reach_by_email("ada@example.org", at=LATER).state
    ada = ada.prefer(Preferences.of(RiskProfile.CONSERVATIVE), at=LATER).state
    async with begin(ada.id) as work:
        await record_all_of(work, "ada")
    async with begin(ada.id) as work:
        assert await work.users.get(ada.id) == ada


async def test_a_wallet_that_is_linked_again_goes_to_the_end(begin: Begin[Work]) -> None:
    change = registered("ada")
    async with begin(change.state.id) as work:
        await work.users.record(change)
        for name in ("one", "two"):
            change = change.state.link(wallet=wallet(name), label="", at=LATER)
            await work.users.record(change)
        await work.users.record(again := change.state.unlink(wallet=wallet("one"), at=LATER))
        await work.users.record(last := again.state.link(wallet=wallet("one"), label="", at=LATER))
    async with begin(change.state.id) as work:
        assert await work.users.get(change.state.id) == last.state


async def test_a_user_sees_nobody_else(begin: Begin[Work], people: People) -> None:
    ada, bob = people
    async with begin(ada) as work:
        with pytest.raises(NotFound):
            await work.users.get(bob)
    async with begin(None) as work:
        assert (await work.users.get(bob)).id == bob


async def test_of_two_simultaneous_writers_one_is_refused(begin: Begin[Work], people: People) -> None:
    async def link(name: str) -> None:
        async with begin(people[0]) as work:
            user = await work.users.get(people[0])
            await asyncio.sleep(0.05)
            await work.users.record(user.link(wallet=wallet(name), label="", at=LATER))

    outcomes = await asyncio.gather(link("one"), link("two"), return_exceptions=True)
    assert Counter(map(type, outcomes)) == {StaleWrite: 1, type(None): 1}
    async with begin(people[0]) as work:
        assert len((await work.users.get(people[0])).wallets) == 2


async def test_an_exception_undoes_state_and_facts(begin: Begin[Work], people: People) -> None:
    async with begin(people[0]) as work:
        user = await work.users.get(people[0])

    async def link_and_fail() -> None:
        async with begin(people[0]) as work:
            await work.users.record(user.link(wallet=wallet("second"), label="", at=LATER))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await link_and_fail()
    async with begin(people[0]) as work:
        assert await work.users.get(people[0]) == user
        assert len(await work.facts.of(people[0])) == user.version


async def test_a_change_without_facts_writes_nothing(begin: Begin[Work], people: People) -> None:
    async with begin(people[0]) as work:
        user = await work.users.get(people[0])
        await work.users.record(user.prefer(user.preferences, at=LATER))
    async with begin(people[0]) as work:
        assert len(await work.facts.of(people[0])) == user.version


async def test_history_alone_rebuilds_the_stored_user(begin: Begin[Work]) -> None:
    async with begin(user_id("ada")) as work:
        await record_all_of(work, "ada")
    async with begin(user_id("ada")) as work:
        assert folded(await work.facts.of(user_id("ada"))) == await work.users.get(user_id("ada"))


async def test_a_stranger_finds_the_user_of_a_wallet(
    stranger: Callable[[], AbstractAsyncContextManager[Work]], begin: Begin[Work], people: People
) -> None:
    async with stranger() as work:
        assert await work.users.having(wallet("ada")) == people[0]
        assert await work.users.having(wallet("nobody")) is None


async def test_only_the_wallet_that_signs_in_leads_to_its_user(begin: Begin[Work], people: People) -> None:
    async with begin(people[0]) as work:
        user = await work.users.get(people[0])
        await work.users.record(user.link(wallet=wallet("second"), label="", at=LATER))
        assert await work.users.having(wallet("second")) is None


async def test_a_wallet_has_one_account(begin: Begin[Work], people: People) -> None:
    again = User.register(
        id=user_id("other"), wallet=wallet("ada"), preferences=Preferences.of(RiskProfile.MODERATE), at=AT
    )
    with pytest.raises(StaleWrite):
        async with begin(again.state.id) as work:
            await work.users.record(again)


async def test_a_deleted_account_makes_room_for_a_new_one(begin: Begin[Work], people: People) -> None:
    async with begin(people[0]) as work:
        gone = (await work.users.get(people[0])).delete(at=LATER)
        await work.users.record(gone)
    again = User.register(
        id=user_id("other"), wallet=wallet("ada"), preferences=Preferences.of(RiskProfile.MODERATE), at=LATER
    )
    async with begin(again.state.id) as work:
        await work.users.record(again)
    async with begin(None) as work:
        assert await work.users.having(wallet("ada")) == again.state.id
        assert await work.users.get(people[0]) == gone.state


async def record_all_of(work: Work, name: str) -> None:
    change = registered(name)
    await work.users.record(change)
    for name_of_wallet in ("second", "first"):
        change = change.state.link(wallet=wallet(name_of_wallet), label=name_of_wallet, at=LATER)
        await work.users.record(change)
    change = change.state.reach_by_telegram("42", at=LATER)
    await work.users.record(change)
    change = change.state.reach_by_email("ada@example.org", at=LATER)
    await work.users.record(change)
    await work.users.record(change.state.prefer(Preferences.of(RiskProfile.CONSERVATIVE), at=LATER))
