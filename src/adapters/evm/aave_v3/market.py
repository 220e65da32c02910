from collections.abc import Iterable, Sequence

from adapters.evm.aave_v3.discovery import discover
from adapters.evm.aave_v3.emodes import ShapeChanged, emode_data, price_source
from adapters.evm.aave_v3.listing import Listing
from adapters.evm.aave_v3.view import View
from adapters.evm.calldata import Call
from adapters.evm.multicall import Multicall
from adapters.evm.refusals import nonsense
from domain.shared.chain import Address, Block, ChainId


class Market:
    """One market as the chain shows it: keeps its shape between readings, and checks it in every one.

    Every method raises Unavailable when the market cannot be read at the block.
    """

    def __init__(self, multicall: Multicall, at: Address, chain_id: ChainId) -> None:
        """Take the address of the market's pool or of its addresses provider."""
        self._multicall = multicall
        self._at = at
        self._chain_id = chain_id
        self._listing: Listing | None = None

    async def listing(self, block: Block) -> Listing:
        """Return the market's shape, asking the chain only where it is not known yet."""
        return self._listing or await self._discover(block)

    async def view(self, block: Block, wallets: Sequence[Address] = ()) -> tuple[View, list[bytes | None]]:
        """Return the market at the block and, read in the same round, the wallets' bit fields."""
        try:
            return await self._ask(await self.listing(block), block, wallets)
        except ShapeChanged:
            pass
        try:
            return await self._ask(await self._discover(block), block, wallets)
        except ShapeChanged:
            raise nonsense(self._chain_id, "a market that contradicts itself at one block") from None

    async def with_emodes(self, view: View, ids: Iterable[int], block: Block) -> View:
        """Return the view with e-modes that no reserve belongs to (any more), but wallets do."""
        asked = sorted(set(ids) - set(view.listing.emodes))
        if not asked:
            return view
        found = await self._multicall.read([emode_data(view.listing.pool, id_) for id_ in asked], block)
        self._listing = view.listing.with_emodes(
            {id_: price_source(answer) for id_, answer in zip(asked, found, strict=True)}
        )
        return (await self.view(block))[0]

    async def _ask(
        self, listing: Listing, block: Block, wallets: Sequence[Address]
    ) -> tuple[View, list[bytes | None]]:
        bits = listing.user_configuration
        calls: list[Call] = [*listing.questions, *(bits.on(wallet) for wallet in wallets)]
        answers = await self._multicall.read(calls, block)
        asked = len(listing.questions)
        try:
            return View.of(listing, answers[:asked]), answers[asked:]
        except ValueError:
            raise nonsense(self._chain_id, "data that an Aave v3 market cannot have returned") from None

    async def _discover(self, block: Block) -> Listing:
        self._listing = await discover(self._multicall, self._at, block, self._chain_id)
        return self._listing
