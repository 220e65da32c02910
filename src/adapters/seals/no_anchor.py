from collections.abc import Sequence

from application.audit.proving.seals import Kept, Seal


class NoAnchor:
    """Stands where nobody named a place outside the database."""

    async def last(self) -> int:
        """Return none."""
        return 0

    async def keep(self, seals: Sequence[Seal]) -> None:
        """Keep nothing."""

    async def kept(self) -> Sequence[Kept]:
        """Return nothing."""
        return ()

    async def stamp(self, number: int) -> bytes | None:
        """Return nothing."""
        return None
