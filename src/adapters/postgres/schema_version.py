from pathlib import Path
from typing import Final

import psycopg

from adapters.postgres.errors import our_errors
from adapters.postgres.urls import conninfo


def is_newest(url: str) -> bool:
    """Say, as quickly as that can be said, whether a database is at the newest revision that this version brings.

    Why it is not, `migrator.status` says, which needs Alembic for it. Raises Unavailable.
    """
    try:
        with our_errors(), psycopg.connect(conninfo(url)) as connection:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except psycopg.ProgrammingError:  # there is no such table yet, or it is not for us to read
        return False
    return found == [(newest_revision(),)]


def newest_revision() -> str:
    """Return the newest revision by the names of the files, which begin with it."""
    return max(file.name for file in (MIGRATIONS / "versions").glob("[0-9]*.py")).partition("_")[0]


def _location() -> Path:
    """Find `migrations`: beside `src` in a working tree, beside the packages where they are installed."""
    packages = Path(__file__).parents[2]
    return next(
        folder
        for folder in (packages / "migrations", packages.parent / "migrations")
        if (folder / "env.py").exists()
    )


MIGRATIONS: Final = _location()
