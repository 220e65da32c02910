from tests.contract.work import Work
from tests.examples import LATER, wallet

from application.shared.ports import Begin
from domain.shared.ids import UserId

People = tuple[UserId, UserId]


async def test_a_wallet_that_several_watch_is_listed_once(begin: Begin[Work], people: People) -> None:
    for user_id in people:
        async with begin(user_id) as work:
            user = await work.users.get(user_id)
            await work.users.record(user.link(wallet=wallet("shared"), label="", at=LATER))
    async with begin(None) as work:
        assert await work.watched.all() == {
            wallet("ada"): (people[0],),
            wallet("bob"): (people[1],),
            wallet("shared"): tuple(sorted(people)),
        }


async def test_only_wallets_that_are_still_watched_are_among_them(begin: Begin[Work], people: People) -> None:
    ada, bob = people
    async with begin(bob) as work:
        await work.users.record((await work.users.get(bob)).delete(at=LATER))
    async with begin(None) as work:
        asked = [wallet("ada"), wallet("bob"), wallet("nobody")]
        assert await work.watched.among(asked) == {wallet("ada"): (ada,)}
        assert await work.watched.among([]) == {}


async def test_an_unlinked_wallet_is_not_watched(begin: Begin[Work], people: People) -> None:
    async with begin(people[0]) as work:
        linked = (await work.users.get(people[0])).link(wallet=wallet("second"), label="", at=LATER)
        await work.users.record(linked)
        await work.users.record(linked.state.unlink(wallet=wallet("second"), at=LATER))
    async with begin(None) as work:
        assert wallet("second") not in await work.watched.all()
