import asyncio

from tests.contract.work import Work

from application.shared.ports import Begin
from domain.shared.chain import ChainId

CHAIN = ChainId(10)


async def test_a_search_that_has_not_begun_has_no_place(begin: Begin[Work]) -> None:
    async with begin(None) as work:
        assert await work.liquidation_cursors.get(CHAIN) is None


async def test_the_cursor_moves_from_where_it_is_expected(begin: Begin[Work]) -> None:
    async with begin(None) as work:
        assert await work.liquidation_cursors.move(CHAIN, expected=None, to=5)
        assert await work.liquidation_cursors.move(CHAIN, expected=5, to=9)
    async with begin(None) as work:
        assert await work.liquidation_cursors.get(CHAIN) == 9
        assert await work.liquidation_cursors.get(ChainId(1)) is None


async def test_the_cursor_does_not_move_from_anywhere_else(begin: Begin[Work]) -> None:
    async with begin(None) as work:
        assert not await work.liquidation_cursors.move(CHAIN, expected=4, to=9)
        assert await work.liquidation_cursors.move(CHAIN, expected=None, to=5)
        assert not await work.liquidation_cursors.move(CHAIN, expected=None, to=9)
        assert not await work.liquidation_cursors.move(CHAIN, expected=4, to=9)
        assert await work.liquidation_cursors.get(CHAIN) == 5


async def test_of_two_searches_at_once_one_goes_on(begin: Begin[Work]) -> None:
    async def move() -> bool:
        async with begin(None) as work:
            moved = await work.liquidation_cursors.move(CHAIN, expected=None, to=5)
            await asyncio.sleep(0.05)
        return moved

    assert sorted(await asyncio.gather(move(), move())) == [False, True]
