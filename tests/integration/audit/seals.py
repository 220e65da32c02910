from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from adapters.seals.keys import SigningKey
from application.audit.proving.seals import NOTHING, Seal, Statement
from application.shared.ports import Place

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def chain_of(count: int, key: SigningKey) -> Sequence[Seal]:
    """Return seals that continue each other, over commits that nobody made."""
    seals: list[Seal] = []
    for number in range(1, count + 1):
        statement = Statement(
            number=number,
            commit_count=number,
            position=Place(number),
            tree_root=bytes([number]) * 32,
            chain=bytes([number]) * 32,
            previous=seals[-1].digest() if seals else NOTHING,
            sealed_at=NOON + timedelta(minutes=number),
            key_id=key.key_id,
        )
        seals.append(key.sign(statement))
    return seals
