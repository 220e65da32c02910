from adapters.codec.leaves import Entry
from application.audit.proving.stored_log import StoredFact


def leaf_of(fact: StoredFact) -> bytes:
    """Hash a fact as the writer of the log does."""
    return Entry(
        event_id=fact.event_id,
        stream_id=fact.stream,
        version=fact.version,
        type=fact.type,
        user_id=fact.user_id,
        correlation_id=fact.correlation_id,
        recorded_at=fact.recorded_at,
        payload=fact.payload,
        fingerprint=fact.fingerprint,
    ).leaf()
