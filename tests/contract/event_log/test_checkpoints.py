import pytest

from application.shared.ports import Begin, Place, ReactionWork


async def test_a_reaction_begins_at_the_beginning(begin: Begin[ReactionWork]) -> None:
    async with begin(None) as work:
        assert await work.checkpoints.hold("detect") == 0


async def test_a_reaction_goes_on_where_it_was(begin: Begin[ReactionWork]) -> None:
    async with begin(None) as work:
        await work.checkpoints.hold("detect")
        await work.checkpoints.move("detect", Place(7))
    async with begin(None) as work:
        assert await work.checkpoints.hold("detect") == 7
        assert await work.checkpoints.hold("raise") == 0


@pytest.mark.parametrize("begun", [False, True])
async def test_while_one_holds_a_checkpoint_others_are_kept_from_it_at_once(
    begin: Begin[ReactionWork], begun: bool
) -> None:
    if begun:
        async with begin(None) as work:
            await work.checkpoints.hold("detect")
    async with begin(None) as holder:
        assert await holder.checkpoints.hold("detect") == 0
        async with begin(None) as other:
            assert await other.checkpoints.hold("detect") is None
            assert await other.checkpoints.hold("raise") == 0
    async with begin(None) as other:
        assert await other.checkpoints.hold("detect") == 0


async def test_an_exception_takes_the_move_back_and_lets_go(begin: Begin[ReactionWork]) -> None:
    async def fail() -> None:
        async with begin(None) as work:
            await work.checkpoints.hold("detect")
            await work.checkpoints.move("detect", Place(7))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with begin(None) as work:
        assert await work.checkpoints.hold("detect") == 0
