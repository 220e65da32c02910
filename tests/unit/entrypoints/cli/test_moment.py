from datetime import UTC, datetime, timedelta

import pytest

from adapters.memory.clock import ManualClock
from domain.shared.errors import Invalid
from entrypoints.cli.audit.moment import read_moment, read_point

NOW = ManualClock().now()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-05-04T12:00:00Z", datetime(2026, 5, 4, 12, tzinfo=UTC)),
        ("2026-05-04T12:00:00+02:00", datetime(2026, 5, 4, 10, tzinfo=UTC)),
        ("2026-05-04 12:00", datetime(2026, 5, 4, 12, tzinfo=UTC)),
        (" 2026-05-04 ", datetime(2026, 5, 4, tzinfo=UTC)),
        ("now", NOW),
        ("2h ago", NOW - timedelta(hours=2)),
        ("90 minutes ago", NOW - timedelta(minutes=90)),
        ("1 week", NOW - timedelta(days=7)),
        ("30s", NOW - timedelta(seconds=30)),
    ],
)
def test_a_time_may_be_typed_whole_as_a_date_or_by_how_long_ago(typed: str, meant: datetime) -> None:
    assert read_moment(typed, ManualClock()) == meant


@pytest.mark.parametrize(
    "typed", ["", "noon", "2026-13-01", "2h from now", "999999w ago", "0001-01-01T00:00:00+14:00", "ago"]
)
def test_what_is_no_time_is_refused_with_one_that_is(typed: str) -> None:
    with pytest.raises(Invalid, match="is no time; write it like 2026-05-04T12:00:00Z"):
        read_moment(typed, ManualClock())


def test_digits_are_a_position() -> None:
    assert read_point("120") == 120
    assert read_point("9" * 40) == 2**63 - 1
    assert isinstance(read_point("2026-05-04"), datetime)
