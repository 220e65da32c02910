"""A fact that was read whole gives its stored bytes when it is written again; any other is told apart."""

from datetime import UTC, datetime

import orjson
import pytest
from tests.contract.event_log.examples import EXAMPLES, USER

from adapters.codec.events import decode_all, encode
from adapters.codec.personal import PERSONAL, Keyless, open_personal, seal_personal
from adapters.codec.reproduced import reproduced
from adapters.codec.sealing import SubjectKey
from application.shared.ports import Place, Recorded
from domain.shared.ids import id_of

KEY = SubjectKey.of(bytes(range(32)), since=10)
SEALED = [one for one in EXAMPLES if encode(one)[0] in PERSONAL]


def recorded(name: str, stored: bytes, fact: object) -> Recorded:
    return Recorded(
        place=Place(11),
        stream=id_of(1),
        version=1,
        type=name,
        user_id=USER,
        fact=fact,
        stored=stored,
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def name_of(fact: object) -> str:
    return type(fact).__name__


@pytest.mark.parametrize("fact", EXAMPLES, ids=name_of)
def test_what_is_stored_is_written_again(fact: object) -> None:
    name, stored = encode(fact)
    [read] = decode_all(name, [stored])
    assert reproduced(recorded(name, stored, read))


@pytest.mark.parametrize("fact", EXAMPLES, ids=name_of)
def test_whatever_is_passed_over_is_told(fact: object) -> None:
    name, stored = encode(fact)
    more = orjson.dumps(orjson.loads(stored) | {"why": "nobody knows"})
    assert not reproduced(recorded(name, more, fact))


@pytest.mark.parametrize("fact", [one for one in EXAMPLES if one not in SEALED], ids=name_of)
def test_another_spelling_is_told(fact: object) -> None:
    name, stored = encode(fact)
    assert not reproduced(recorded(name, stored.replace(b":", b": ", 1), fact))


@pytest.mark.parametrize("fact", SEALED, ids=name_of)
@pytest.mark.parametrize("subject", [KEY, Keyless.DESTROYED, Keyless.NOT_YOURS])
def test_sealed_fields_are_left_out_whoever_can_read_them(
    fact: object, subject: SubjectKey | Keyless
) -> None:
    name, payload = encode(fact)
    sealed = seal_personal(name, payload, user_id=USER, subject=KEY)
    [read] = decode_all(name, [open_personal(name, sealed, user_id=USER, place=11, subject=subject)])
    assert reproduced(recorded(name, sealed, read))
    more = orjson.dumps(orjson.loads(sealed) | {"why": "nobody knows"})
    assert not reproduced(recorded(name, more, read))
