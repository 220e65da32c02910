from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection

from adapters.postgres.schema_version import MIGRATIONS
from domain.shared.errors import Conflict


@dataclass(frozen=True, slots=True)
class Revision:
    """One step of the schema's history."""

    id: str
    title: str


Progress = Callable[[Revision], None]
"""Told of each step when it is done, before the whole is committed."""


class NewerDatabase(Conflict):
    """The database has been through a revision that this version does not have."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"The database is at revision {revision}, which this version of Plimsoll does not know: "
            "a newer one has migrated it. Upgrade Plimsoll, or restore a backup from before."
        )


def history() -> ScriptDirectory:
    """Return every revision that this version brings with it."""
    return ScriptDirectory.from_config(configuration())


def configuration(**attributes: Any) -> Config:
    """Return what Alembic needs to know; attributes reach `migrations/env.py`."""
    config = Config(attributes=attributes)
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def current(connection: Connection) -> str | None:
    """Return the revision that the database is at, None before the first; raises NewerDatabase."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is not None and revision not in {script.revision for script in history().walk_revisions()}:
        raise NewerDatabase(revision)
    return revision


def described(script: Script) -> Revision:
    """Return a revision as people are told of it."""
    return Revision(script.revision, script.doc)
