from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shared.ids import derived, id_of, read_id


@given(st.uuids())
def test_every_spelling_is_read_as_the_same_text(uuid: UUID) -> None:
    for spelt in (str(uuid), str(uuid).upper(), uuid.hex, uuid.urn, f"{{{uuid}}}"):
        assert read_id(spelt) == id_of(uuid.int) == str(uuid)


@pytest.mark.parametrize("text", ["", "me", "0x" + 40 * "a", 33 * "0"])
def test_anything_else_is_no_id(text: str) -> None:
    with pytest.raises(ValueError, match="UUID"):
        read_id(text)


@given(st.uuids(), st.uuids())
def test_ids_sort_as_their_numbers_do(one: UUID, other: UUID) -> None:
    assert (id_of(one.int) < id_of(other.int)) == (one < other)


def test_what_follows_from_the_same_parts_is_the_same_id_of_version_eight() -> None:
    assert derived("signal", "a", 1) == derived("signal", "a", 1) != derived("signal", "a1")
    assert UUID(derived("signal", "a", 1)).version == 8
