from dataclasses import replace
from datetime import UTC

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.archive.columns import facts_in, frame_of_facts
from adapters.archive.leaves import leaf_runs
from adapters.archive.parquet import parquet
from adapters.seals.leaf import leaf_of
from application.audit.proving.stored_log import StoredFact
from application.shared.ports import Place
from domain.shared.ids import Id

IDS = st.uuids().map(str).map(Id)

facts = st.builds(
    StoredFact,
    place=st.integers(1, 2**63 - 1).map(Place),
    event_id=IDS,
    stream=IDS,
    version=st.integers(1, 2**63 - 1),
    type=st.text("abcdefghijklmnopqrstuvwxyz._0123456789ü", max_size=300),
    user_id=st.none() | IDS,
    correlation_id=st.none() | IDS,
    recorded_at=st.datetimes(timezones=st.just(UTC)),
    payload=st.binary(max_size=400),
    fingerprint=st.none() | st.binary(min_size=32, max_size=32),
)


@given(st.lists(facts, max_size=8))
def test_columns_hash_to_the_leaves_that_the_writer_of_the_log_made(given: list[StoredFact]) -> None:
    found = [leaf for run in leaf_runs(frame_of_facts(given)) for leaf in run.leaves]
    assert found == [leaf_of(fact) for fact in given]


@given(st.lists(facts, max_size=8))
def test_facts_come_out_of_columns_as_they_went_in(given: list[StoredFact]) -> None:
    assert list(facts_in(frame_of_facts(given))) == given


@given(st.lists(facts, min_size=1, max_size=8))
def test_the_same_facts_are_the_same_bytes(given: list[StoredFact]) -> None:
    assert parquet(frame_of_facts(given)) == parquet(frame_of_facts(given))


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), facts)
def test_a_new_run_begins_after_every_gap(steps: list[int], fact: StoredFact) -> None:
    places = [sum(steps[: index + 1]) for index in range(len(steps))]
    frame = frame_of_facts([_at(fact, place) for place in places])
    runs = leaf_runs(frame)
    assert [run.first + index for run in runs for index in range(len(run.leaves))] == places
    assert len(runs) == 1 + sum(step != 1 for step in steps[1:])


def test_an_id_of_another_length_is_no_row_of_the_log() -> None:
    frame = frame_of_facts([])
    assert leaf_runs(frame) == []
    row = pl.DataFrame(
        {**{name: [None] for name in frame.columns}, "event_id": [b"short"]}, schema=frame.schema
    )
    with pytest.raises(ValueError, match="event_id is not 16 bytes"):
        leaf_runs(row)


def _at(fact: StoredFact, place: int) -> StoredFact:
    return replace(fact, place=Place(place))
