from pathlib import Path
from typing import Final

from adapters.private_file import ensure_private, read_private
from adapters.seals.keys import KeyRing, new_key
from domain.shared.errors import Invalid

_WHAT: Final = "key for seals"


def read_key_file(path: Path) -> KeyRing:
    """Read the keys in a file; raises Invalid, naming the file and never what it holds."""
    text = read_private(path, _WHAT)
    try:
        return KeyRing.read(text)
    except Invalid as error:
        raise Invalid(f"{path}: {error}") from None


def ensure_key_file(path: Path) -> KeyRing:
    """Read the keys in a file, made with a new key for nobody but its owner if there is none; raises Invalid."""
    ensure_private(path, new_key, _WHAT)
    return read_key_file(path)
