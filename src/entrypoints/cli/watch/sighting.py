from dataclasses import dataclass

from application.positions.read_wallet import Reading, ReadWallet
from domain.shared.chain import Address, ChainId
from domain.shared.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one look at a wallet on one chain brought: a reading, or the sentence that says why there is none."""

    chain_id: ChainId
    wallet: Address
    seen: Reading | str


async def look(read: ReadWallet, chain_id: ChainId, wallet: Address) -> Sighting:
    """Read the wallet once; a node that does not answer makes it unknown."""
    try:
        return Sighting(chain_id, wallet, await read(chain_id=chain_id, wallet=wallet))
    except Unavailable as reason:
        return Sighting(chain_id, wallet, str(reason))
