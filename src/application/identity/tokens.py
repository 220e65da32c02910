from base64 import urlsafe_b64encode
from hashlib import sha256

from application.shared.ports import Ids

PREFIX = "plm_"
"""What every token begins with, so that scanners for leaked secrets can know it."""


def new_token(ids: Ids) -> str:
    """Return a fresh bearer token: 32 random bytes in URL-safe base64 after the prefix."""
    return PREFIX + urlsafe_b64encode(ids.secret(32)).rstrip(b"=").decode()


def hash_of(token: str) -> bytes:
    """Return the SHA-256 under which the token is stored and looked up."""
    return sha256(token.encode()).digest()
