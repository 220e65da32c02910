from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from tests.integration.archive.shelf import Shelf
from tests.integration.postgres.facts import ME, SOMEBODY, alert, sent
from tests.integration.postgres.partitions import use_small_partitions

from application.audit.reading.fact_search import FactFilter
from application.shared.correlation import correlation
from application.shared.ports import Place
from domain.shared.ids import AlertId

STREAMS = [alert() for _ in range(6)]
CAUSE = alert()


@pytest.fixture
async def shelf(shelf: Shelf) -> Shelf:
    """Forty facts in streams that begin and end in every partition, of two users, of which twenty have a cause."""
    use_small_partitions(shelf.admin_url, 10)
    for index in range(40):
        token = correlation.set(CAUSE if index % 2 else None)
        stream = STREAMS[(index // 5 + index) % len(STREAMS)]
        async with shelf.database.begin(None) as work:
            known = len(await work.facts.of(stream))
            work.facts.append(stream, known, [sent(stream, owner_of(stream))])
        correlation.reset(token)
    await shelf.seal()
    return shelf


def owner_of(stream: AlertId) -> Any:
    return ME if STREAMS.index(stream) % 2 else SOMEBODY


def filters() -> Sequence[FactFilter]:
    more: list[dict[str, Any]] = [
        {},
        {"user": ME},
        {"stream": STREAMS[1]},
        {"correlation": CAUSE},
        {"names": ("alert.sent.v1",)},
    ]
    return [
        FactFilter(after=Place(after), until=None if until is None else Place(until), **other)
        for (after, until), other in product(
            [(0, None), (0, 20), (7, 33), (25, None)],
            more,
        )
    ]


async def answers(shelf: Shelf) -> list[Any]:
    found: list[Any] = []
    for begin, actor in (
        (shelf.database.begin, None),
        (shelf.served.begin, ME),
        (shelf.served.begin, SOMEBODY),
    ):
        async with begin(actor) as work:
            for wanted in filters():
                for reverse in (False, True):
                    found += [
                        list(await work.search.find(wanted, limit=limit, reverse=reverse))
                        for limit in (3, 50)
                    ]
                found.append(await work.search.count(wanted))
                found += [
                    list(await work.search.touched(wanted, beyond=Place(beyond), limit=limit))
                    for beyond, limit in ((0, 50), (0, 2), (4, 1), (22, 3))
                ]
    return found


async def test_whatever_is_looked_for_is_found_wherever_it_is_kept(shelf: Shelf) -> None:
    before = await answers(shelf)
    assert await shelf.archive(until=20) == ["events_from_1", "events_from_11"]
    assert await answers(shelf) == before
    await shelf.archive()
    assert shelf.partitions()[0] == "events_from_31"
    assert await answers(shelf) == before
