import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from domain.shared.errors import Unavailable

DRAFT: Final = ".draft-"
"""How the name of a file begins that is not whole yet."""


def write_durably(path: Path, content: bytes) -> None:
    """Put a whole file in its place, or nothing; on the disk before this returns. Raises Unavailable."""
    with disk_errors(path):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=DRAFT)
        draft = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.chmod(0o640)
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put on the disk which files a folder holds."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path) -> None:
    """Remove what a crash left half written; only for who holds the folder."""
    for draft in folder.glob(f"{DRAFT}*"):
        draft.unlink(missing_ok=True)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn what the operating system says of a file that is being written into Unavailable."""
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
        why = "the disk is full" if full else (error.strerror or "the disk refused").lower()
        raise Unavailable(
            f"{path.name} could not be written into {path.parent}: {why}. What was written before it is whole; run "
            "the command again to go on."
        ) from None
