from dataclasses import dataclass

from application.positions.ports import PositionsWork
from application.shared.ports import Begin
from domain.shared.chain import Address

CHUNK = 500
"""Wallets that one job reads: enough to fill a few multicalls, few enough to repeat cheaply."""


@dataclass(frozen=True, slots=True)
class PlanSnapshots:
    """Split the watched wallets into chunks; a wallet that several users watch is read once."""

    begin: Begin[PositionsWork]

    async def __call__(self) -> tuple[tuple[Address, ...], ...]:
        """Return the chunks, in an order that does not change from one plan to the next."""
        async with self.begin(None) as work:
            wallets = sorted(await work.watched.all())
        return tuple(tuple(wallets[index : index + CHUNK]) for index in range(0, len(wallets), CHUNK))
