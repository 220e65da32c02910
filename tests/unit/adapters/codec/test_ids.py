from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from adapters.codec.ids import packed, unpacked
from domain.shared.ids import id_of


@given(st.uuids())
def test_the_sixteen_bytes_are_those_of_the_uuid(uuid: UUID) -> None:
    assert packed(id_of(uuid.int)) == uuid.bytes
    assert unpacked(uuid.bytes) == id_of(uuid.int)
