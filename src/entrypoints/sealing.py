from pathlib import Path
from typing import Final

from adapters.seals.anchor_file import AnchorFile
from adapters.seals.anchors import Anchors
from adapters.seals.key_file import ensure_key_file, read_key_file
from adapters.seals.keys import KeyRing, PublicKeys
from adapters.seals.no_anchor import NoAnchor
from application.audit.proving.seals import Anchor, SealSigner
from domain.shared.errors import Invalid
from entrypoints.late import stamps_in
from entrypoints.settings import Settings

KEY_FILE: Final = "seal.pem"
"""In the data directory: the key of the embedded database, made when it is first needed."""

STAMPS: Final = "stamps"
"""In the data directory: where time stamps are kept unless another folder is named."""


def key_ring(settings: Settings) -> KeyRing:
    """Return the configured keys for seals, else those of the embedded database; raises Invalid."""
    if settings.seal_key_file is not None:
        return read_key_file(settings.seal_key_file)
    if settings.seal_key is not None:
        return KeyRing.read(settings.seal_key.get_secret_value().replace("\\n", "\n").encode())
    if any((settings.database_url, settings.app_database_url, settings.worker_database_url)):
        return KeyRing(None, PublicKeys({}))
    return ensure_key_file(settings.data_dir / KEY_FILE)


def signer_of(ring: KeyRing) -> SealSigner:
    """Return the key that signs, or raise Invalid."""
    if ring.signing is None:
        raise Invalid(
            "There is no private key to seal the log with: set PLIMSOLL_SEAL_KEY_FILE to a file made by "
            "`openssl genpkey -algorithm ed25519`."
        )
    return ring.signing


def anchor_of(settings: Settings) -> Anchor:
    """Return the places outside the database that keep seals, as far as they are configured; raises Invalid."""
    places = [one for one in (_file(settings), _stamps(settings)) if one is not None]
    return places[0] if len(places) == 1 else Anchors(tuple(places)) if places else NoAnchor()


def _file(settings: Settings) -> Anchor | None:
    named: Path | None = settings.seal_anchor_file
    return None if named is None else AnchorFile(named.expanduser())


def _stamps(settings: Settings) -> Anchor | None:
    url, roots, folder = settings.seal_tsa_url, settings.seal_tsa_roots_file, settings.seal_tsa_dir
    if url is None and folder is None:
        return None
    if roots is None:
        raise Invalid(
            "A time stamp proves nothing without the root of its authority: set PLIMSOLL_SEAL_TSA_ROOTS_FILE to a file "
            "of certificates in PEM."
        )
    at = (folder or settings.data_dir / STAMPS).expanduser()
    return stamps_in(at, roots=roots, url=None if url is None else url.get_secret_value())
