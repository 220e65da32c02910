from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

SUPERUSER = "postgres"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens: a folder with its socket, which only its own user (and root) may enter."""

    socket_folder: Path
    port: int
    superuser: str = SUPERUSER

    def url(self, role: str, database: str) -> str:
        """Return the address as SQLAlchemy reads it, with psycopg as the driver."""
        host = quote(str(self.socket_folder), safe="/")
        return (
            f"postgresql+psycopg://{quote(role, safe='')}@/{quote(database, safe='')}"
            f"?host={host}&port={self.port}"
        )

    def conninfo(self, role: str, database: str) -> str:
        """Return the address as libpq, psql and psycopg read it."""
        return " ".join(
            [
                f"host={_quoted(str(self.socket_folder))}",
                f"port={self.port}",
                f"user={_quoted(role)}",
                f"dbname={_quoted(database)}",
            ]
        )


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
