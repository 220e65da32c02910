import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}


class EmbeddedPostgresFailed(Exception):
    """The embedded PostgreSQL cannot be had; the text tells a person what to do about it."""


@contextmanager
def failing_clearly(directory: Path) -> Iterator[None]:
    """Turn what the operating system refuses below the data directory into a sentence."""
    try:
        yield
    except OSError as refusal:
        raise EmbeddedPostgresFailed(_sentence(directory, refusal)) from refusal


def _sentence(directory: Path, refusal: OSError) -> str:
    if refusal.errno in FULL:
        return f"The disk of {directory} is full: free some space, or choose another data directory."
    place = refusal.filename or directory
    if refusal.errno in FORBIDDEN:
        return (
            f"Plimsoll may not use {place} as it needs to ({refusal.strerror}): "
            "make it readable and writable, or choose another data directory."
        )
    return f"{directory} cannot hold a database ({place}: {refusal.strerror}): choose another data directory."
