from collections.abc import Collection, Mapping, Sequence
from itertools import chain

from adapters.evm.aave_v3.liquidations import LiquidationLog
from adapters.evm.aave_v3.market import Market
from adapters.evm.aave_v3.stakes import Stake, emode_in, stakes_in
from adapters.evm.aave_v3.view import View
from adapters.evm.aave_v3.wallets import lawless, position, questions
from adapters.evm.blocks import newest_block
from adapters.evm.multicall import Multicall
from adapters.evm.rpc import JsonRpc
from domain.positions.observation import Liquidation, Observed
from domain.positions.position import LendingPosition, Protocol, Unread
from domain.positions.reserve import Reserve
from domain.shared.chain import Address, Block
from domain.shared.errors import Unavailable


class AaveV3Reader:
    """Reads one Aave v3 market; implements `application.positions.ports.MarketReader`.

    The first round of requests asks for the market and every wallet's bit field, the second for the e-mode, account
    and balances of the wallets that use the market.
    """

    def __init__(self, rpc: JsonRpc, market: Address, *, multicall: Multicall | None = None) -> None:
        """Take the address of the market's pool or of its addresses provider."""
        self.chain_id = rpc.chain_id
        self.market = market
        self._rpc = rpc
        self._multicall = multicall or Multicall(rpc)
        self._market = Market(self._multicall, market, rpc.chain_id)

    async def head(self) -> Block:
        """Return the newest block."""
        return await newest_block(self._rpc)

    async def read(self, wallets: Sequence[Address], block: Block) -> Observed:
        """Return the wallets' positions at the block; a wallet named twice is read once."""
        distinct = tuple(dict.fromkeys(wallets))
        view, bits = await self._market.view(block, distinct)
        stakes, without_position, unread = stakes_in(view.listing, zip(distinct, bits, strict=True))
        found = await self._positions(stakes, view, block) if stakes else []
        return Observed(
            chain_id=self.chain_id,
            protocol=Protocol.AAVE_V3,
            market=view.listing.pool,
            block=block,
            positions=tuple(one for one in found if isinstance(one, LendingPosition)),
            without_position=without_position,
            unread=(*unread, *(one for one in found if isinstance(one, Unread))),
            law=view.listing.law,
        )

    async def reserves(self, block: Block, *, emode: int = 0) -> Mapping[Address, Reserve]:
        """Return every reserve that has a price at the block, as it counts for a wallet in that e-mode.

        Raises Unavailable for a release whose arithmetic is not known: nothing can be simulated there.
        """
        view, _ = await self._market.view(block)
        if view.listing.law is None:
            raise Unavailable(lawless(view.listing))
        if emode:
            view = await self._market.with_emodes(view, {emode}, block)
        priced = (view.reserve(one, emode) for one in view.listing.reserves)
        return {one.asset: one for one in priced if isinstance(one, Reserve)}

    async def liquidations(
        self, wallets: Collection[Address], since: int, through: Block
    ) -> tuple[Liquidation, ...]:
        """Return the liquidations of these wallets from block number `since` to `through`, both included."""
        if not wallets or since > through.number:
            return ()
        listing = await self._market.listing(through)
        log = LiquidationLog(self._rpc, self._multicall, listing.pool)
        return await log.read(frozenset(wallets), since, through)

    async def _positions(
        self, stakes: Sequence[Stake], view: View, block: Block
    ) -> list[LendingPosition | Unread]:
        if (law := view.listing.law) is None:
            return [Unread(stake.wallet, lawless(view.listing)) for stake in stakes]
        modes_asked = [view.listing.user_emode.on(stake.wallet) for stake in stakes]
        asked = chain.from_iterable(questions(view.listing, stake) for stake in stakes)
        answers = await self._multicall.read([*modes_asked, *asked], block)
        modes = [emode_in(answer) for answer in answers[: len(stakes)]]
        view = await self._market.with_emodes(view, {mode for mode in modes if mode}, block)
        stream = iter(answers[len(stakes) :])
        return [
            position(stake, mode, stream, view=view, law=law, chain_id=self.chain_id, block=block)
            for stake, mode in zip(stakes, modes, strict=True)
        ]
