from functools import cache
from hashlib import sha256
from pathlib import Path
from sys import version_info
from types import ModuleType
from typing import Final

import adapters.codec
import domain
from application.audit.replaying import fold

_PARTS: Final[tuple[ModuleType, ...]] = (domain, adapters.codec)
"""Packages of which a state may depend on any line: too much costs a fold, too little would cost the truth."""


@cache
def folding_code() -> bytes:
    """Return the SHA-256 of the source that folds facts into states, and of Python's version; 32 bytes.

    It changes with every change of the domain, of the codec or of the fold itself, so that nothing is ever taken from
    a state that other code has made.
    """
    digest = sha256(repr(tuple(version_info[:2])).encode())
    roots = [Path(root) for part in _PARTS for root in part.__path__]
    sources = [(path, path.relative_to(root.parent)) for root in roots for path in root.rglob("*.py")]
    sources.append((Path(str(fold.__file__)), Path("fold.py")))
    for path, name in sorted(sources, key=lambda source: source[1].as_posix()):
        content = path.read_bytes()
        digest.update(f"{name.as_posix()} {len(content)}\n".encode() + content)
    return digest.digest()
