from datetime import timedelta

import pytest
from tests.contract.work import Work
from tests.examples import AT

from application.identity.ports import ContactCode
from application.shared.ports import Begin
from domain.shared.ids import UserId

People = tuple[UserId, UserId]
HASH, OTHER = b"\x01" * 32, b"\x02" * 32


def code(user_id: UserId, code_hash: bytes = HASH, *, channel: str = "telegram") -> ContactCode:
    return ContactCode(
        code_hash=code_hash,
        user_id=user_id,
        channel=channel,
        contact="ada@example.org" if channel == "email" else "",
        expires_at=AT + timedelta(minutes=10),
    )


@pytest.mark.parametrize("channel", ["telegram", "email"])
async def test_a_code_is_redeemed_once(begin: Begin[Work], people: People, channel: str) -> None:
    async with begin(people[0]) as work:
        await work.contact_codes.issue(issued := code(people[0], channel=channel))
    redeemer = None if channel == "telegram" else people[0]
    async with begin(redeemer) as work:
        assert await work.contact_codes.redeem(HASH, channel, at=AT) == issued
    async with begin(redeemer) as work:
        assert await work.contact_codes.redeem(HASH, channel, at=AT) is None


async def test_an_expired_code_is_refused(begin: Begin[Work], people: People) -> None:
    async with begin(people[0]) as work:
        await work.contact_codes.issue(code(people[0]))
    async with begin(None) as work:
        assert await work.contact_codes.redeem(HASH, "telegram", at=AT + timedelta(minutes=10)) is None


async def test_a_code_is_good_for_its_channel_only(begin: Begin[Work], people: People) -> None:
    async with begin(people[0]) as work:
        await work.contact_codes.issue(code(people[0]))
        assert await work.contact_codes.redeem(HASH, "email", at=AT) is None


async def test_a_new_code_voids_the_earlier_one(begin: Begin[Work], people: People) -> None:
    async with begin(people[0]) as work:
        await work.contact_codes.issue(code(people[0]))
        await work.contact_codes.issue(code(people[0], OTHER))
    async with begin(None) as work:
        assert await work.contact_codes.redeem(HASH, "telegram", at=AT) is None
        assert await work.contact_codes.redeem(OTHER, "telegram", at=AT) == code(people[0], OTHER)


async def test_nobody_redeems_another_users_code(begin: Begin[Work], people: People) -> None:
    ada, bob = people
    async with begin(ada) as work:
        await work.contact_codes.issue(code(ada, channel="email"))
    async with begin(bob) as work:
        assert await work.contact_codes.redeem(HASH, "email", at=AT) is None


async def test_the_same_code_of_two_users_proves_nothing(begin: Begin[Work], people: People) -> None:
    for user_id in people:
        async with begin(user_id) as work:
            await work.contact_codes.issue(code(user_id))
    async with begin(None) as work:
        assert await work.contact_codes.redeem(HASH, "telegram", at=AT) is None
