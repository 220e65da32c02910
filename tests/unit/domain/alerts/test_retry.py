from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.examples import AT

from domain.alerts.retry import FIRST_PAUSE, LONGEST_PAUSE, MOST_ATTEMPTS, next_attempt

attempts = st.integers(1, MOST_ATTEMPTS - 1)


def pause(attempt: int, asked: timedelta | None = None) -> timedelta:
    due = next_attempt(attempt, at=AT, asked=asked)
    assert due is not None
    return due - AT


def test_the_pauses_are_those_of_the_manual() -> None:
    seconds = [pause(attempt).total_seconds() for attempt in range(1, MOST_ATTEMPTS)]
    assert seconds == [2, 8, 32, 128, 512, 1800, 1800]


@given(attempt=st.integers(MOST_ATTEMPTS, 10_000))
def test_there_is_an_end(attempt: int) -> None:
    assert next_attempt(attempt, at=AT) is None


@given(attempt=attempts, asked=st.timedeltas(timedelta(0), LONGEST_PAUSE))
def test_it_is_never_tried_sooner_than_the_channel_asked(attempt: int, asked: timedelta) -> None:
    assert pause(attempt, asked) >= asked


@given(attempt=attempts, asked=st.none() | st.timedeltas(timedelta(days=-1), timedelta(days=9999)))
def test_no_channel_can_put_an_alarm_off_for_ever(attempt: int, asked: timedelta | None) -> None:
    assert FIRST_PAUSE <= pause(attempt, asked) <= LONGEST_PAUSE


@given(attempt=st.integers(1, MOST_ATTEMPTS - 2))
def test_pauses_grow(attempt: int) -> None:
    assert pause(attempt) <= pause(attempt + 1)
