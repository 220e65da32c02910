import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address
from enum import StrEnum
from pathlib import Path

from adapters.notify.letters import sender
from domain.shared.errors import Invalid


class Encryption(StrEnum):
    """How the way to the mail server is kept private; `none` is for a server on the same machine."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed over, and who it says it is from. `patience` bounds one letter, in seconds."""

    host: str
    port: int
    sent_from: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    encryption: Encryption = Encryption.STARTTLS
    ca_file: Path | None = None
    patience: float = 30

    def __post_init__(self) -> None:
        """Refuse a server that cannot be used safely."""
        if not self.host or any(sign.isspace() for sign in self.host) or not 0 < self.port < 65536:
            raise Invalid("A mail server has a host name and a port from 1 to 65535.")
        if (self.username is None) != (self.password is None):
            raise Invalid("A mail server's user name and password go together; set both or neither.")
        if self.password is not None and self.encryption is Encryption.NONE:
            raise Invalid("A password is never sent without encryption; choose starttls or implicit.")
        sender(self.sent_from)

    @property
    def origin(self) -> Address:
        """Who the mail is from."""
        return sender(self.sent_from)

    def trust(self) -> ssl.SSLContext:
        """Return what certificates to believe: the system's authorities, or those in `ca_file`; raises Invalid."""
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise Invalid(f"{self.ca_file} holds no certificates that can be read.") from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context
