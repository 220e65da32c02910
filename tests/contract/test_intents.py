from datetime import timedelta
from decimal import Decimal

import pytest
from tests.contract.work import Work
from tests.examples import AT, LATER, proposed, terms

from application.audit.replaying.fold import folded
from application.shared.ports import Begin
from domain.intents.errors import IntentNotFound
from domain.intents.states import Armed, Intent, Proposed
from domain.shared.ids import UserId

People = tuple[UserId, UserId]


async def put(begin: Begin[Work], name: str, *numbers: int) -> list[Armed]:
    """Propose and arm in one transaction, as users do."""
    armed = []
    for number in numbers:
        one = proposed(name, number=number, at=AT + timedelta(seconds=number))
        born = Proposed.by(one.user_id, id=one.id, terms=one.terms, at=one.proposed_at)
        async with begin(one.user_id) as work:
            await work.intents.record(born)
            await work.intents.record(change := born.state.arm(at=LATER))
        armed.append(change.state)
    return armed


async def test_an_intent_comes_back_as_recorded(begin: Begin[Work], people: People) -> None:
    [armed] = await put(begin, "ada", 1)
    async with begin(None) as work:
        assert await work.intents.get(armed.id) == armed
        await work.intents.record(triggered := armed.trigger(source="x@1", at=LATER))
        await work.intents.record(sent := triggered.state.submit(transaction_hash="0x1", at=LATER))
        await work.intents.record(lost := sent.state.lose(reason="No answer.", at=LATER))
        await work.intents.record(done := lost.state.settle(block_hash="0x2", at=LATER))
    async with begin(people[0]) as work:
        assert await work.intents.get(armed.id) == done.state
        assert type(await work.intents.get(armed.id)) is type(done.state)
        assert folded(await work.facts.of(armed.id)) == done.state


@pytest.mark.parametrize("amount", ["0.000000000000000001", "1" + "0" * 59, "123456.000000000000000001"])
async def test_amounts_come_back_to_the_last_digit(begin: Begin[Work], people: People, amount: str) -> None:
    large = terms(amount=amount, total=amount)
    change = Proposed.by(people[0], id=proposed().id, terms=large, at=AT)
    async with begin(people[0]) as work:
        await work.intents.record(change)
    async with begin(people[0]) as work:
        stored = await work.intents.get(change.state.id)
        assert stored == change.state
        assert stored.terms.action.amount == Decimal(amount)


async def test_another_users_intent_does_not_exist(begin: Begin[Work], people: People) -> None:
    [armed] = await put(begin, "ada", 1)
    async with begin(people[1]) as work:
        with pytest.raises(IntentNotFound):
            await work.intents.get(armed.id)
        assert await work.intents.list(people[0], status=None, before=None, limit=9) == ()
        assert await work.intents.armed(people[0]) == 0


async def test_the_list_is_newest_first_and_continues_after_any(begin: Begin[Work], people: People) -> None:
    intents: list[Intent] = [*await put(begin, "ada", 1, 2, 3)]
    await put(begin, "bob", 4)
    async with begin(people[0]) as work:
        first = await work.intents.list(people[0], status=None, before=None, limit=2)
        rest = await work.intents.list(people[0], status="armed", before=first[-1].id, limit=2)
    assert [*first, *rest] == intents[::-1]


async def test_only_armed_intents_count_as_armed(begin: Begin[Work], people: People) -> None:
    one, *_ = await put(begin, "ada", 1, 2, 3)
    async with begin(people[0]) as work:
        await work.intents.record(one.cancel(at=LATER))
        assert await work.intents.armed(people[0]) == 2
        [cancelled] = await work.intents.list(people[0], status="cancelled", before=None, limit=9)
        assert cancelled.id == one.id
