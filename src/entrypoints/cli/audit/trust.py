from collections.abc import Sequence
from pathlib import Path

from adapters.seals.key_file import read_key_file
from adapters.seals.keys import PublicKeys


def keys_in(files: Sequence[Path]) -> PublicKeys:
    """Read the public keys that somebody names as trusted; raises Invalid."""
    return PublicKeys(
        {key_id: key for file in files for key_id, key in read_key_file(file).trusted.keys.items()}
    )
