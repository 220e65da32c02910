from dataclasses import dataclass
from functools import cache
from typing import Final

from sqlalchemy import MetaData, Table


@dataclass(frozen=True, slots=True)
class Place:
    """Where tables like the real ones stand: beside them under another name, or in a schema of their own."""

    schema: str | None
    prefix: str

    def name(self, table: Table) -> str:
        """Return the table's name there, as SQL has it."""
        return f"{self.schema}.{self.prefix}{table.name}" if self.schema else f"{self.prefix}{table.name}"

    def like(self, table: Table) -> Table:
        """Return what is known of the table there."""
        return _like(self, table)


@cache  # SQLAlchemy keeps what it compiles by table, so one place has one table each
def _like(place: Place, table: Table) -> Table:
    name = f"{place.prefix}{table.name}"
    if place.schema is None:
        return table.to_metadata(MetaData(), name=name)
    return table.to_metadata(MetaData(), schema=place.schema, name=name)


TEMPORARY: Final = Place(None, "replayed_")
"""Temporary tables of one connection, which PostgreSQL drops with it."""


def temporary_tables(*tables: Table) -> str:
    """Return the statements that make temporary tables like these."""
    return "".join(
        f"CREATE TEMP TABLE {TEMPORARY.name(table)} (LIKE public.{table.name} INCLUDING DEFAULTS);"
        f"ALTER TABLE {TEMPORARY.name(table)} ADD PRIMARY KEY ({', '.join(table.primary_key.columns.keys())});"
        for table in tables
    )


BESIDE: Final = Place(None, "rebuilt_")
"""The tables of a new version, beside the ones in service; migration 0010 has the functions that make them."""
