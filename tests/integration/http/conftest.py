from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from tests.integration.http.house import House
from tests.integration.http.visitor import Visitor, key
from tests.unit.application.world import World


@pytest.fixture
def world() -> World:
    """The main loop on memory, moved by hand."""
    return World()


@pytest.fixture
def house(world: World) -> House:
    return House(
        begin=world.begin,
        begin_sight=world.database.begin_sight,
        clock=world.clock,
        ids=world.ids,
        readers=world.readers,
    )


@pytest.fixture
async def client(house: House) -> AsyncIterator[TestClient[Any, Any]]:
    async with TestClient(TestServer(house.app())) as client:
        yield client


@pytest.fixture
def visitor(client: TestClient[Any, Any], house: House) -> Callable[[int], Visitor]:
    return lambda number: Visitor(client, house.clock, key(number))


@pytest.fixture
def stranger(visitor: Callable[[int], Visitor]) -> Visitor:
    """Somebody who has not signed in."""
    return visitor(7)


@pytest.fixture
async def ann(visitor: Callable[[int], Visitor]) -> Visitor:
    """Somebody who has signed in."""
    return await visitor(1).sign_in()


@pytest.fixture
async def bob(visitor: Callable[[int], Visitor]) -> Visitor:
    """Somebody else who has signed in."""
    return await visitor(2).sign_in()
