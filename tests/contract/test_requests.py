import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from tests.contract.work import Work
from tests.examples import AT

from application.shared.ports import Begin
from application.shared.requests import Answer, KeyReused, StillWorking
from domain.shared.ids import UserId

People = tuple[UserId, UserId]
UNTIL = AT + timedelta(minutes=1)
THIS, THAT = b"this", b"that"
ANSWER = Answer(status=201, headers=(("Location", "/v1/intents/1"), ("ETag", '"1"')), body=b'{"id":"1\x00"}')


async def claim(
    begin: Begin[Work], actor: UserId, fingerprint: bytes = THIS, *, late: int = 0
) -> Answer | None:
    async with begin(actor) as work:
        delay = timedelta(seconds=late)
        return await work.requests.claim("key", fingerprint, at=AT + delay, until=UNTIL + delay)


async def test_the_same_request_gets_the_same_answer(begin: Begin[Work], people: People) -> None:
    assert await claim(begin, people[0]) is None
    async with begin(people[0]) as work:
        await work.requests.answer("key", ANSWER)
    assert await claim(begin, people[0]) == ANSWER
    assert await claim(begin, people[0], late=3600) == ANSWER


async def test_a_key_belongs_to_one_request(begin: Begin[Work], people: People) -> None:
    await claim(begin, people[0])
    with pytest.raises(KeyReused):
        await claim(begin, people[0], THAT)
    with pytest.raises(KeyReused):
        await claim(begin, people[0], THAT, late=3600)


async def test_a_request_under_way_is_not_carried_out_twice(begin: Begin[Work], people: People) -> None:
    await claim(begin, people[0])
    with pytest.raises(StillWorking):
        await claim(begin, people[0])


async def test_a_claim_that_lapsed_can_be_made_again(begin: Begin[Work], people: People) -> None:
    await claim(begin, people[0])
    assert await claim(begin, people[0], late=60) is None
    with pytest.raises(StillWorking):
        await claim(begin, people[0], late=90)


async def test_a_released_key_is_free_for_any_request(begin: Begin[Work], people: People) -> None:
    await claim(begin, people[0])
    async with begin(people[0]) as work:
        await work.requests.release("key")
    assert await claim(begin, people[0], THAT) is None


async def test_an_answer_on_record_is_not_released(begin: Begin[Work], people: People) -> None:
    await claim(begin, people[0])
    async with begin(people[0]) as work:
        await work.requests.answer("key", ANSWER)
        await work.requests.release("key")
    assert await claim(begin, people[0]) == ANSWER


async def test_users_do_not_share_keys(begin: Begin[Work], people: People) -> None:
    ada, bob = people
    await claim(begin, ada)
    async with begin(ada) as work:
        await work.requests.answer("key", ANSWER)
    assert await claim(begin, bob, THAT) is None


async def test_of_two_simultaneous_claims_one_is_granted(begin: Begin[Work], people: People) -> None:
    outcomes = await asyncio.gather(claim(begin, people[0]), claim(begin, people[0]), return_exceptions=True)
    assert Counter(map(type, outcomes)) == {type(None): 1, StillWorking: 1}
