import secrets
from pathlib import Path
from typing import Final

from adapters.private_file import ensure_private, read_private
from adapters.secrets.key_ring import KeyRing, new_entry
from domain.shared.errors import Invalid

_WHAT: Final = "ring of secret keys"


def read_key_file(path: Path) -> KeyRing:
    """Read the ring in a file; raises Invalid, naming the file and never what it holds."""
    text = read_private(path, _WHAT).decode("ascii", errors="replace")
    try:
        return KeyRing.read(text)
    except Invalid as error:
        raise Invalid(f"{path}: {error}") from None


def ensure_key_file(path: Path) -> KeyRing:
    """Read the ring in a file, made with a new key for nobody but its owner if there is none; raises Invalid."""
    ensure_private(path, lambda: new_entry(f"key-{secrets.token_hex(4)}").encode(), _WHAT)
    return read_key_file(path)
