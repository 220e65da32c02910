import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from domain.shared.errors import Invalid


def read_private(path: Path, what: str) -> bytes:
    """Return what is in a file of keys; raises Invalid, naming the file and never what it holds."""
    try:
        return path.expanduser().read_bytes()
    except OSError as error:
        raise Invalid(f"The {what} in {path} cannot be read: {error.strerror}.") from None


def ensure_private(path: Path, content: Callable[[], bytes], what: str) -> None:
    """Make a file with this content for nobody but its owner, if there is none; it survives a power cut.

    Of two processes that come first at once, the first one's file stays. Raises Invalid.
    """
    path = path.expanduser()
    if path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # of mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content())
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(draft, path)  # fails if another process was first, instead of replacing its file
            _sync(path.parent)
        finally:
            Path(draft).unlink()
    except OSError as error:
        raise Invalid(f"No {what} can be made in {path}: {error.strerror}.") from None


def _sync(folder: Path) -> None:
    """Have the file's name survive a power cut: without a key, what it encrypts or signs is lost."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
