"""Ids on their way to PostgreSQL and back: `uuid` there, text here."""

from typing import Final

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Loader
from psycopg.pq import Format
from sqlalchemy import Uuid

from adapters.codec.ids import unpacked
from domain.shared.ids import Id

ID: Final = Uuid(as_uuid=False)
"""The type of a column that holds an id."""


class _IdLoader(Loader):
    def load(self, data: Buffer) -> Id:
        """Return the id that PostgreSQL wrote as text."""
        return Id(bytes(data).decode())


class _BinaryIdLoader(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> Id:
        """Return the id that PostgreSQL sent as sixteen bytes."""
        return unpacked(bytes(data))


def adapters() -> AdaptersMap:
    """Return what a connection is made with, so that psycopg gives ids and no UUIDs."""
    made = AdaptersMap(psycopg.adapters)
    for loader in (_IdLoader, _BinaryIdLoader):
        made.register_loader("uuid", loader)
    return made
