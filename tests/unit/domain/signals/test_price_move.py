from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.examples import AT, USD, reserve
from tests.unit.domain.signals.sights import FRESH, rules, sight

from domain.identity.preferences import SignalType
from domain.signals.detectors.price_move import PRICE_WINDOW, price_move
from domain.signals.detectors.sight import MOMENT
from domain.signals.events import Severity, SignalDetected

WETH = reserve("WETH").asset


def test_the_first_sight_of_an_asset_is_where_the_measuring_begins() -> None:
    watch, findings = price_move(FRESH, sight())
    assert findings == ()
    known = watch.reference(WETH)
    assert known is not None
    assert (known.price, known.since) == (2000 * USD, AT)


@pytest.mark.parametrize(("eth", "move"), [(1800, "-0.1"), (2200, "0.1"), (1000, "-0.5"), (4000, "1")])
def test_a_move_by_the_users_share_is_found_either_way(eth: int, move: str) -> None:
    watch, _ = price_move(FRESH, sight())
    watch, [found] = price_move(watch, sight(eth=eth, at=AT + timedelta(hours=1)))
    assert isinstance(found, SignalDetected)
    assert (found.type, found.severity, found.asset) == (SignalType.PRICE_MOVE, Severity.MEDIUM, "WETH")
    assert (found.data["move"], found.data["price_before"], found.data["price"]) == (move, "2000", str(eth))
    assert found.expires_at == found.at + MOMENT
    known = watch.reference(WETH)
    assert known is not None
    assert known.price == eth * USD


@pytest.mark.parametrize("eth", [1801, 2000, 2199])
def test_a_lesser_move_is_none(eth: int) -> None:
    watch, _ = price_move(FRESH, sight())
    after, findings = price_move(watch, sight(eth=eth, at=AT + timedelta(hours=1)))
    assert findings == ()
    assert after == watch


def test_small_steps_add_up_within_the_window() -> None:
    watch, found = FRESH, list[object]()
    for hour, eth in enumerate([2000, 1950, 1900, 1850, 1800, 1790]):
        watch, findings = price_move(watch, sight(eth=eth, at=AT + timedelta(hours=hour), number=hour))
        found += findings
    assert len(found) == 1


def test_after_the_window_the_measuring_begins_anew() -> None:
    watch, _ = price_move(FRESH, sight())
    just_before, found = price_move(watch, sight(eth=1000, at=AT + PRICE_WINDOW - timedelta(microseconds=1)))
    assert len(found) == 1
    watch, found = price_move(watch, sight(eth=1000, at=AT + PRICE_WINDOW))
    assert found == ()
    assert watch.reference(WETH) is not None
    assert watch.references != just_before.references


def test_a_price_of_nothing_is_no_measure() -> None:
    watch, _ = price_move(FRESH, sight(eth=0))
    watch, findings = price_move(watch, sight(eth=2000))
    assert findings == ()
    known = watch.reference(WETH)
    assert known is not None
    assert known.price == 2000 * USD


def test_what_nobody_asked_for_is_measured_in_silence() -> None:
    silent = rules(active=())
    watch, _ = price_move(FRESH, sight(by=silent))
    watch, findings = price_move(watch, sight(eth=1000, by=silent))
    assert findings == ()
    known = watch.reference(WETH)
    assert known is not None
    assert known.price == 1000 * USD


@given(prices=st.lists(st.integers(1, 10_000), min_size=2, max_size=8))
def test_what_is_found_moved_as_far_as_the_user_asked(prices: list[int]) -> None:
    watch, _ = price_move(FRESH, sight(eth=prices[0]))
    for number, eth in enumerate(prices[1:], start=2):
        before = watch
        watch, findings = price_move(watch, sight(eth=eth, at=AT + timedelta(minutes=number), number=number))
        known = before.reference(WETH)
        assert known is not None
        share = abs(Decimal(eth * USD - known.price) / known.price)
        assert bool(findings) == (share >= Decimal("0.1"))
