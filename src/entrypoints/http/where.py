from dataclasses import dataclass
from urllib.parse import urlsplit

from entrypoints.settings import HttpSettings


@dataclass(frozen=True, slots=True)
class Where:
    """Where people know the server to be: what sign-in messages have to name."""

    domain: str
    uri: str

    @staticmethod
    def of(http: HttpSettings) -> "Where":
        """Take the public URL, or the address that the server listens on."""
        uri = str(http.public_url) if http.public_url else f"http://{http.host}:{http.port}"
        return Where(domain=urlsplit(uri).netloc, uri=uri.rstrip("/"))
