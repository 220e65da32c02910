import os
import tempfile
from pathlib import Path

from adapters.seals.keys import KeyRing, new_key
from domain.shared.errors import Invalid


def read_key_file(path: Path) -> KeyRing:
    """Read the keys in a file; raises Invalid, naming the file and never what it holds."""
    try:
        text = path.expanduser().read_bytes()
    except OSError as error:
        raise Invalid(f"The key for seals in {path} cannot be read: {error.strerror}.") from None
    try:
        return KeyRing.read(text)
    except Invalid as error:
        raise Invalid(f"{path}: {error}") from None


def ensure_key_file(path: Path) -> KeyRing:
    """Read the keys in a file, made with a new key for nobody but its owner if there is none.

    Of two processes that come first at once, both get the same key.
    """
    path = path.expanduser()
    if not path.exists():
        _make(path)
    return read_key_file(path)


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # of mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(new_key())
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)  # fails if another process was first, instead of replacing its key
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
    except OSError as error:
        raise Invalid(f"No key for seals can be made in {path}: {error.strerror}.") from None
