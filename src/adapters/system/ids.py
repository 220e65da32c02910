import secrets
import time
from threading import Lock

from domain.shared.ids import Id, id_of

_NANOSECONDS = 1_000_000


class SystemIds:
    """Version 7 UUIDs (RFC 9562) that never run backwards within a process, and the system's own randomness.

    The twelve bits after the millisecond hold its fraction (method 3 of section 6.2), so that ids made in one
    millisecond sort by the time of their making too.
    """

    def __init__(self) -> None:
        self._last = 0
        self._lock = Lock()

    def new(self) -> Id:
        """Return an id greater than every earlier one."""
        tick = self._tick()
        value = (tick >> 12) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64
        return id_of(value | 0b10 << 62 | secrets.randbits(62))

    def secret(self, size: int = 32) -> bytes:
        """Return so many bytes that nobody can guess."""
        return secrets.token_bytes(size)

    def _tick(self) -> int:
        milliseconds, rest = divmod(time.time_ns(), _NANOSECONDS)
        with self._lock:
            self._last = max(self._last + 1, milliseconds << 12 | rest * 4096 // _NANOSECONDS)
            return self._last
