from collections.abc import Sequence

from application.audit.seals import Seal


class NoAnchor:
    """Stands where nobody named a place outside the database."""

    async def keep(self, seals: Sequence[Seal]) -> None:
        """Keep nothing."""

    async def kept(self) -> Sequence[tuple[int, bytes]]:
        """Return nothing."""
        return ()
