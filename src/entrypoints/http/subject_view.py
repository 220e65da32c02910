from domain.positions.position import Protocol
from domain.signals.subject import Subject
from entrypoints.http.frame.models import View


class SubjectView(View):
    """What a signal or alert is about: a wallet's stake in one market."""

    wallet: str
    chain_id: int
    protocol: Protocol
    market: str

    @staticmethod
    def of(subject: Subject) -> "SubjectView":
        """Show a subject."""
        return SubjectView(
            wallet=subject.wallet,
            chain_id=subject.chain_id,
            protocol=subject.protocol,
            market=subject.market,
        )
