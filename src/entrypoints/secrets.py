from typing import Final

from adapters.secrets.key_file import ensure_key_file, read_key_file
from adapters.secrets.key_ring import KeyRing
from application.shared.secrets import NoSecretKeys
from entrypoints.settings import Settings

KEY_FILE: Final = "secrets.key"
"""In the data directory: the ring of the embedded database, made when it is first needed."""


def secret_keys(settings: Settings) -> KeyRing | None:
    """Return the configured ring of secret keys, else that of the embedded database; raises Invalid.

    A server of one's own has none unless it is configured: a key that this machine made up would be lost with it.
    """
    if settings.secret_keys_file is not None:
        return read_key_file(settings.secret_keys_file)
    if settings.secret_keys is not None:
        return KeyRing.read(settings.secret_keys.get_secret_value().replace("\\n", "\n"))
    if any((settings.database_url, settings.app_database_url, settings.worker_database_url)):
        return None
    return ensure_key_file(settings.data_dir / KEY_FILE)


def require_secret_keys(settings: Settings) -> None:
    """Refuse to serve without a key, before anything personal is to be stored; raises Invalid."""
    if secret_keys(settings) is None:
        raise NoSecretKeys
