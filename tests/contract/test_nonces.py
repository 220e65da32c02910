import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import pytest
from tests.contract.work import Work
from tests.examples import AT

Stranger = Callable[[], AbstractAsyncContextManager[Work]]
EXPIRY = AT + timedelta(minutes=10)


@pytest.fixture
async def nonce(stranger: Stranger) -> str:
    async with stranger() as work:
        await work.nonces.issue("n0nceabc", at=AT, expires_at=EXPIRY)
    return "n0nceabc"


async def test_a_nonce_is_spent_once(stranger: Stranger, nonce: str) -> None:
    async with stranger() as work:
        assert await work.nonces.spend(nonce, at=AT)
    async with stranger() as work:
        assert not await work.nonces.spend(nonce, at=AT)


async def test_a_nonce_that_nobody_issued_is_refused(stranger: Stranger) -> None:
    async with stranger() as work:
        assert not await work.nonces.spend("unheardof", at=AT)


async def test_an_expired_nonce_is_refused(stranger: Stranger, nonce: str) -> None:
    async with stranger() as work:
        assert not await work.nonces.spend(nonce, at=EXPIRY)


async def test_of_two_at_once_one_spends_it(stranger: Stranger, nonce: str) -> None:
    async def spend() -> bool:
        async with stranger() as work:
            spent = await work.nonces.spend(nonce, at=AT)
            await asyncio.sleep(0.05)
        return spent

    assert sorted(await asyncio.gather(spend(), spend())) == [False, True]


async def test_a_nonce_survives_a_transaction_that_failed(stranger: Stranger, nonce: str) -> None:
    async def spend_and_fail() -> None:
        async with stranger() as work:
            await work.nonces.spend(nonce, at=AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await spend_and_fail()
    async with stranger() as work:
        assert await work.nonces.spend(nonce, at=AT)
