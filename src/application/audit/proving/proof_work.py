from typing import Protocol

from application.audit.proving.seals import Seals
from application.audit.proving.stored_log import StoredLog


class ProofWork(Protocol):
    """What sealing, verifying and proving need of their transaction."""

    @property
    def stored_log(self) -> StoredLog:
        """The log as it lies in the database."""
        ...

    @property
    def seals(self) -> Seals:
        """The seals."""
        ...
