from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from adapters.evm.aave_v3.reader import AaveV3Reader
from adapters.evm.heads import heads
from adapters.evm.rpc import JsonRpc
from application.positions.readers import Readers
from domain.shared.chain import Block, ChainId
from entrypoints.settings import ChainSettings


@dataclass(frozen=True, slots=True)
class Chains:
    """The configured chains, each with its connection and the reader of its market."""

    configured: Mapping[ChainId, ChainSettings]
    connections: Mapping[ChainId, JsonRpc]
    readers: Readers

    @staticmethod
    def of(configured: Mapping[ChainId, ChainSettings]) -> "Chains":
        """Prepare the connections; nothing is sent yet. Raises Invalid for a chain whose market is not known."""
        connections = {
            chain_id: JsonRpc(chain.rpc_url.get_secret_value(), chain_id=chain_id, timeout=chain.timeout)
            for chain_id, chain in configured.items()
        }
        by_chain = {
            chain_id: AaveV3Reader(connections[chain_id], chain.market_on(chain_id))
            for chain_id, chain in configured.items()
        }
        return Chains(configured, connections, Readers(by_chain))

    def heads(self, chain_id: ChainId) -> AsyncIterator[Block]:
        """Yield each new head of the chain, for ever."""
        chain = self.configured[chain_id]
        ws_url = chain.ws_url.get_secret_value() if chain.ws_url else None
        return heads(self.connections[chain_id], ws_url=ws_url, interval=chain.poll)

    async def close(self) -> None:
        """Let go of the connections."""
        for connection in self.connections.values():
            await connection.close()
