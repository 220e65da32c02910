import os
import secrets
import tempfile
from pathlib import Path

from adapters.secrets.key_ring import KeyRing, new_entry
from domain.shared.errors import Invalid


def read_key_file(path: Path) -> KeyRing:
    """Read the ring in a file; raises Invalid, naming the file and never what it holds."""
    try:
        text = path.expanduser().read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise Invalid(f"The secret keys in {path} cannot be read: {error.strerror}.") from None
    try:
        return KeyRing.read(text)
    except Invalid as error:
        raise Invalid(f"{path}: {error}") from None


def ensure_key_file(path: Path) -> KeyRing:
    """Read the ring in a file, made with a new key for nobody but its owner if there is none.

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
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(new_entry(f"key-{secrets.token_hex(4)}"))
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)  # fails if another process was first, instead of replacing its key
            _sync(path.parent)
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
    except OSError as error:
        raise Invalid(f"No secret key can be made in {path}: {error.strerror}.") from None


def _sync(folder: Path) -> None:
    """Have the file's name survive a power cut: without the key, what it encrypts is lost."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
