"""Parts that most commands do without, and that take a while to import: each is imported when it is first made."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from application.audit.proving.archive import ArchivedFacts
from application.audit.proving.seals import Anchor
from application.shared.ports import Clock
from domain.shared.chain import ChainId
from entrypoints.settings import ChainSettings, Settings


def archive_in(folder: Path) -> ArchivedFacts:
    """Return what reads archived facts."""
    from adapters.archive.facts import ParquetFacts
    from adapters.archive.parquet import ParquetFiles

    return ParquetFacts(ParquetFiles(folder))


def chains_of(configured: Mapping[ChainId, ChainSettings]) -> Any:
    """Return the configured chains, as `Chains.of` does."""
    from entrypoints.chains import Chains

    return Chains.of(configured)


def channels_of(settings: Settings, clock: Clock) -> Any:
    """Return the configured channels, as `Channels.of` does."""
    from entrypoints.channels import Channels

    return Channels.of(settings, clock)


def stamps_in(folder: Path, *, roots: Path, url: str | None) -> Anchor:
    """Return the folder of time stamps, and the authority that makes them if its address is given."""
    from adapters.seals.authorities import Authorities
    from adapters.seals.authority import TimeStampingAuthority
    from adapters.seals.stamp_anchor import StampAnchor

    trusted = Authorities.read(roots)
    return StampAnchor(folder, trusted, None if url is None else TimeStampingAuthority.at(url, trusted))
