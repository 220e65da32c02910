import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from uuid import UUID

from adapters.codec.ids import packed
from adapters.memory.ids import SequentialIds
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds


def test_ids_are_of_version_seven() -> None:
    for made in (SystemIds().new(), SequentialIds().new()):
        read = UUID(made)
        assert (str(read), read.version, read.variant) == (made, 7, "specified in RFC 4122")


def test_ids_are_ordered_as_they_were_made() -> None:
    ids = SystemIds()
    made = [ids.new() for _ in range(20_000)]
    assert made == sorted(set(made))


def test_ids_tell_the_time_of_their_making() -> None:
    before = time.time_ns() // 10**6
    made = UUID(SystemIds().new()).int >> 80
    assert before <= made <= time.time_ns() // 10**6


def test_ids_made_at_once_differ() -> None:
    ids = SystemIds()
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: ids.new(), range(4000)))
    assert len(set(made)) == 4000


def test_secrets_are_as_long_as_asked_and_never_the_same() -> None:
    ids = SystemIds()
    assert len(ids.secret()) == 32
    assert len(ids.secret(20)) == 20
    assert ids.secret() != ids.secret()


def test_sequential_ids_are_the_same_in_every_run() -> None:
    one, other = SequentialIds(), SequentialIds()
    assert [one.new(), one.new()] == [other.new(), other.new()]
    assert one.secret() == other.secret()
    assert one.secret() != packed(other.new())


def test_the_clock_tells_universal_time() -> None:
    assert SystemClock().now().tzinfo is UTC
