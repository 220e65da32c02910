from datetime import UTC, datetime

from domain.shared.errors import Invalid


def written(moment: datetime) -> str:
    """Write a time as RFC 3339 has it, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_moment(text: str) -> datetime:
    """Read a time that somebody typed; without an offset it is UTC. Raises Invalid."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(f"{text[:40]!r} is no time; write it like 2026-05-04T12:00:00Z.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
