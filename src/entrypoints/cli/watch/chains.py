from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from application.positions.readers import ChainNotConfigured
from domain.shared.chain import ChainId
from domain.shared.errors import Invalid
from entrypoints.chains import Chains
from entrypoints.settings import Settings


@asynccontextmanager
async def connected(settings: Settings, only: int | None) -> AsyncIterator[Chains]:
    """Connect to the configured chains, or to one of them.

    Raises NotFound when that one is not configured, and Invalid when none is.
    """
    if only is not None and only not in settings.chains:
        raise ChainNotConfigured(ChainId(only), settings.chains)
    if not settings.chains:
        raise Invalid(
            "No chain is configured. Set PLIMSOLL_CHAINS__1__RPC_URL to the URL of an Ethereum node "
            "(and likewise for other chains, by their id), in the environment or in a file .env."
        )
    chains = Chains.of({key: chain for key, chain in settings.chains.items() if only in {None, key}})
    try:
        yield chains
    finally:
        await chains.close()
