from dataclasses import dataclass, field, replace
from enum import StrEnum

from application.audit.reading.diff_states import FieldChange
from application.audit.reading.flat import differing, flat
from application.positions.readers import ChainNotConfigured, Readers
from domain.positions.events import PositionLiquidated
from domain.positions.observation import Liquidation, Observed
from domain.positions.position import LendingPosition
from domain.shared.chain import Block, ChainId, short
from domain.shared.errors import Unavailable


class Verdict(StrEnum):
    """Whether a node, asked the same today, answers what is on record."""

    SAME = "same"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainAnswer:
    """What a node of the chain said when it was asked again at the same block hash.

    `compared` counts the figures that were held against each other, and `differences` names those that differ: before
    is what is on record, after what the node says. `reason` says why nothing could be compared, or what is missing.
    """

    verdict: Verdict
    chain_id: ChainId
    block_number: int
    block_hash: str
    compared: int = 0
    differences: tuple[FieldChange, ...] = ()
    reason: str | None = field(default=None)


@dataclass(frozen=True, slots=True)
class AskChain:
    """Ask a node the same questions at the same block hash, and compare its answers with the record to the last digit.

    A node that cannot answer (it keeps no history, does not know the block, or is down) proves nothing either way.
    """

    readers: Readers

    async def __call__(self, seen: LendingPosition | PositionLiquidated) -> ChainAnswer:
        """Return what the node says; never raises for what a node does or fails to do."""
        if isinstance(seen, PositionLiquidated):
            told = seen.liquidation
            asked = _asked(told.chain_id, Block(told.block_number, told.block_hash, seen.at))
        else:
            asked = _asked(seen.chain_id, seen.block)
        try:
            if isinstance(seen, PositionLiquidated):
                return await self._liquidation(seen, asked)
            return await self._position(seen, asked)
        except (ChainNotConfigured, Unavailable) as silence:
            return replace(asked, reason=str(silence))

    async def _position(self, seen: LendingPosition, asked: ChainAnswer) -> ChainAnswer:
        observed = await self.readers.on(seen.chain_id).read([seen.wallet], seen.block)
        if observed.market != seen.market:
            return replace(
                asked,
                reason=f"The market configured for chain {seen.chain_id} is {short(observed.market)} now, and "
                f"{short(seen.market)} is on record.",
            )
        answer = next((one for one in observed.positions if one.wallet == seen.wallet), None)
        if answer is None:
            return _without(asked, observed, seen)
        return _compared(asked, seen, answer)

    async def _liquidation(self, fact: PositionLiquidated, asked: ChainAnswer) -> ChainAnswer:
        told = fact.liquidation
        block = Block(told.block_number, told.block_hash, fact.at)
        reader = self.readers.on(told.chain_id)
        for answer in await reader.liquidations([told.wallet], told.block_number, block):
            if (answer.transaction_hash, answer.log_index) == (told.transaction_hash, told.log_index):
                return _compared(asked, told, answer)
        missing = "The node's log of that block holds no such liquidation."
        return replace(asked, verdict=Verdict.DIFFERS, reason=missing)


def _asked(chain_id: ChainId, block: Block) -> ChainAnswer:
    return ChainAnswer(
        verdict=Verdict.UNKNOWN, chain_id=chain_id, block_number=block.number, block_hash=block.hash
    )


def _without(asked: ChainAnswer, observed: Observed, seen: LendingPosition) -> ChainAnswer:
    unread = next((one.reason for one in observed.unread if one.wallet == seen.wallet), None)
    if unread is not None or seen.wallet not in observed.without_position:
        return replace(asked, reason=unread or "The node's answer leaves the wallet out.")
    nothing = "The node says that the wallet had no position there."
    return replace(asked, verdict=Verdict.DIFFERS, reason=nothing)


def _compared(
    asked: ChainAnswer,
    recorded: LendingPosition | Liquidation,
    answer: LendingPosition | Liquidation,
) -> ChainAnswer:
    on_record, now = flat(recorded), flat(answer)
    differences = tuple(FieldChange(*one) for one in differing(on_record, now))
    return replace(
        asked,
        verdict=Verdict.DIFFERS if differences else Verdict.SAME,
        compared=len({*on_record, *now}),
        differences=differences,
    )
