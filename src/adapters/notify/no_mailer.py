from dataclasses import dataclass

from domain.shared.errors import Unavailable


@dataclass(frozen=True, slots=True)
class NoMailer:
    """Stands where no mail server is configured, and says so."""

    async def send_code(self, email: str, code: str) -> None:
        """Raise Unavailable: nothing can be sent."""
        raise Unavailable(
            "E-mail is not configured here; whoever runs Plimsoll has to set PLIMSOLL_SMTP__HOST."
        )
