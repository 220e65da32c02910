from dataclasses import dataclass

from domain.positions.position import LendingPosition, Protocol
from domain.shared.chain import Address, ChainId
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a signal is about: one user's stake in one market."""

    user_id: UserId
    wallet: Address
    chain_id: ChainId
    protocol: Protocol
    market: Address

    @staticmethod
    def of(user_id: UserId, position: LendingPosition) -> "Subject":
        """Return the subject that a position is an observation of."""
        return Subject(
            user_id=user_id,
            wallet=position.wallet,
            chain_id=position.chain_id,
            protocol=position.protocol,
            market=position.market,
        )

    def __str__(self) -> str:
        """Spell the subject out; ids are derived from this text, so it never changes."""
        return f"{self.user_id}/{self.chain_id}/{self.protocol}/{self.market}/{self.wallet}"
