import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.secrets.key_file import ensure_key_file, read_key_file
from adapters.secrets.key_ring import KeyRing, new_entry
from application.shared.secrets import RingLacksKey, Wrapped, WrongKey
from domain.shared.errors import Invalid

OLD, NEW = new_entry("old"), new_entry("new")
FIXED = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
ABOUT = b"somebody's"


@given(secret=st.binary(max_size=64), about=st.binary(max_size=64))
def test_what_was_wrapped_is_unwrapped_with_the_same_words_only(secret: bytes, about: bytes) -> None:
    ring = KeyRing.read(OLD)
    wrapped = ring.wrap(secret, about=about)
    assert ring.unwrap(wrapped, about=about) == secret
    with pytest.raises(WrongKey):
        ring.unwrap(wrapped, about=about + b"x")


def test_the_first_key_encrypts_and_all_decrypt() -> None:
    before = KeyRing.read(OLD).wrap(b"secret", about=ABOUT)
    ring = KeyRing.read(NEW + OLD)
    after = ring.wrap(b"secret", about=ABOUT)
    assert (before.key_id, after.key_id, ring.newest) == ("old", "new", "new")
    assert ring.unwrap(before, about=ABOUT) == ring.unwrap(after, about=ABOUT) == b"secret"


def test_a_key_that_is_not_in_the_ring_is_named() -> None:
    wrapped = KeyRing.read(NEW).wrap(b"secret", about=ABOUT)
    with pytest.raises(RingLacksKey, match=r"'new'.*nothing is lost"):
        KeyRing.read(OLD).unwrap(wrapped, about=ABOUT)


def test_another_key_of_the_same_name_is_told_apart() -> None:
    wrapped = KeyRing.read(OLD).wrap(b"secret", about=ABOUT)
    with pytest.raises(WrongKey, match="'old'"):
        KeyRing.read(new_entry("old")).unwrap(wrapped, about=ABOUT)


@pytest.mark.parametrize("content", [b"", b"short", bytes(60)])
def test_what_was_never_wrapped_is_refused(content: bytes) -> None:
    with pytest.raises(WrongKey):
        KeyRing.read(OLD).unwrap(Wrapped("old", content), about=ABOUT)


def test_entries_stand_on_lines_or_between_commas_and_comments_are_passed_over() -> None:
    ring = KeyRing.read(f"# ours\n  {NEW.strip()} , {OLD.strip()}  # since May\n\n")
    assert list(ring.keys) == ["new", "old"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing",
        "hunter2secret",
        "first:hunter2secret",
        "first:" + "A" * 44,
        f":{FIXED}",
        f"old:{FIXED}old:{FIXED}",
        f"a b:{FIXED}",
    ],
)
def test_what_is_no_ring_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(Invalid, match="32 random bytes in base64") as refused:
        KeyRing.read(text)
    assert "hunter2secret" not in str(refused.value)


def test_a_name_stands_for_one_key() -> None:
    with pytest.raises(Invalid, match="names 'old' twice"):
        KeyRing.read(OLD + new_entry("old"))


def test_neither_keys_nor_what_they_wrap_are_shown() -> None:
    ring = KeyRing.read(OLD)
    assert "keys" not in repr(ring)
    assert repr(ring.wrap(b"secret", about=ABOUT)) == "Wrapped(key_id='old')"


def test_a_key_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secrets.key"
    made: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: made.append(next(iter(ensure_key_file(path).keys.values()))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["secrets.key"]


def test_a_key_file_that_cannot_be_read_is_named_and_not_quoted(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"gone\.key cannot be read"):
        read_key_file(tmp_path / "gone.key")
    (tmp_path / "wrong.key").write_bytes(b"hunter2secret\xff")
    with pytest.raises(Invalid, match=r"wrong\.key") as refused:
        read_key_file(tmp_path / "wrong.key")
    assert "hunter2secret" not in str(refused.value)
