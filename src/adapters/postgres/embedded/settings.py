import shlex
from pathlib import Path

from adapters.postgres.embedded.sockets import PORT

ALWAYS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "huge_pages": "off",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_checkpoints": "off",
    # What people store must not travel into the log with the statement that failed.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "1h",
}


def server_options(socket_folder: Path, *, durable: bool) -> str:
    """Return the server's settings as one string of options, quoted for the shell that pg_ctl runs."""
    chosen = ALWAYS | ({} if durable else THROWAWAY) | {"unix_socket_directories": str(socket_folder)}
    return " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in chosen.items())


def throws_away(data: Path) -> bool:
    """Say whether the server that last started on these data does without durability."""
    started_with = data / "postmaster.opts"
    return started_with.exists() and "fsync=off" in started_with.read_text()
