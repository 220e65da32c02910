"""What was sealed once is opened for ever: the key, the bytes and what they say stand in files."""

from pathlib import Path

import pytest
from tests.contract.event_log.examples import USER
from tests.contract.event_log.test_golden import golden

from adapters.codec.personal import PERSONAL, open_personal, seal_personal
from adapters.codec.sealing import SubjectKey

SEALED = Path(__file__).with_name("sealed")
KEY = SubjectKey.of(bytes(range(32)), since=10)


def test_every_personal_fact_has_a_sealed_golden_file_and_none_was_removed() -> None:
    assert {path.stem for path in SEALED.iterdir()} == set(PERSONAL)


@pytest.mark.parametrize("name", PERSONAL)
def test_what_was_sealed_once_opens_and_is_sealed_the_same_again(name: str) -> None:
    sealed = (SEALED / f"{name}.json").read_bytes().removesuffix(b"\n")
    assert open_personal(name, sealed, user_id=USER, place=11, subject=KEY) == golden(name)
    assert seal_personal(name, golden(name), user_id=USER, subject=KEY) == sealed
