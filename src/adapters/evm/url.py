from urllib.parse import urlsplit

from domain.shared.chain import ChainId
from domain.shared.errors import Invalid

_SHORTEST_KEY = 6


def checked(url: str, chain_id: ChainId) -> str:
    """Return the URL, or raise Invalid with a sentence that does not show it where it is not one of HTTP."""
    try:
        parts = urlsplit(url)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port beyond 65535, a bracket that never closes
        whole = False
    if not whole:
        raise Invalid(
            f"The RPC URL of chain {chain_id} must be a whole URL that begins with http:// or https://."
        )
    return url


def secrets_of(url: str) -> tuple[str, ...]:
    """Return the parts of a URL that may be keys: whatever is long enough to be one, outside the host's name."""
    parts = urlsplit(url)
    values = [pair.partition("=")[2] for pair in parts.query.split("&")]
    pieces = {url, parts.username or "", parts.password or "", parts.query, *parts.path.split("/"), *values}
    return tuple(sorted((piece for piece in pieces if len(piece) >= _SHORTEST_KEY), key=len, reverse=True))
