import psycopg

from adapters.postgres.urls import conninfo


def use_small_partitions(admin_url: str, size: int) -> None:
    """Cut an empty log anew into partitions of so many positions, so that a test can fill several."""
    with psycopg.connect(conninfo(admin_url)) as connection:
        connection.execute(
            "CREATE OR REPLACE FUNCTION event_partition_size() RETURNS bigint LANGUAGE sql STABLE "
            f"AS $$ SELECT {size}::bigint $$".encode()
        )
        for (part,) in connection.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events'::regclass"
        ).fetchall():
            connection.execute(psycopg.sql.SQL("DROP TABLE {}").format(psycopg.sql.Identifier(part)))
        connection.execute("SET ROLE plimsoll_owner")
        connection.execute("SELECT ensure_event_partitions()")
