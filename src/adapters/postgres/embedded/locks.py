import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from adapters.postgres.embedded.failure import EmbeddedPostgresFailed

PATIENCE = 180.0  # seconds: longer than the longest start that we wait for


@contextmanager
def one_at_a_time(file: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the mutex of starting and stopping; the kernel frees it when its holder dies."""
    descriptor = _opened(file)
    try:
        if not get_hold(descriptor, patience):
            raise EmbeddedPostgresFailed(
                f"Another process has been starting or stopping PostgreSQL in {file.parent} for "
                f"{patience:.0f} seconds: wait for it, or end the process that holds {file}."
            )
        yield
    finally:
        # Unlocking, not only closing: a process forked meanwhile has a copy of the descriptor.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


def get_hold(descriptor: int, patience: float) -> bool:
    """Lock an open file or folder for ourselves alone, or say that it took longer than so many seconds."""
    deadline = time.monotonic() + patience
    while not _locked(descriptor, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@dataclass(frozen=True, slots=True)
class Membership:
    """One share in the use of a server. Joined, asked and left only under the mutex."""

    descriptor: int
    process: int

    @classmethod
    def join(cls, file: Path) -> Self:
        """Become a user of the server; the kernel ends the share when its process dies."""
        descriptor = _opened(file)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return cls(descriptor, os.getpid())

    @property
    def mine(self) -> bool:
        """Say whether this process joined, rather than the one that it was forked from."""
        return self.process == os.getpid()

    def alone(self) -> bool:
        """Say whether nobody else uses the server."""
        alone = _locked(self.descriptor, fcntl.LOCK_EX)
        fcntl.flock(self.descriptor, fcntl.LOCK_SH)
        return alone

    def leave(self) -> None:
        """Give the share back; a forked process only forgets the share of its parent."""
        if self.mine:
            fcntl.flock(self.descriptor, fcntl.LOCK_UN)
        os.close(self.descriptor)


def _opened(file: Path) -> int:
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
