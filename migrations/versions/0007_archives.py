"""Archived ranges of the log"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for part in (UP, BATCHES, PLACE_OF_BATCH):
        op.execute(part)


def downgrade() -> None:
    for part in (MAY_GO_BACK, PLACE_OF_BATCH_BEFORE, DOWN):
        op.execute(part)


# Every fact up to the newest row's mark is read from files: `last_position` of what was archived, or what lies before
# the `first_position` that a restoration brought back. Whoever has read the table in a transaction holds a lock on it,
# for which a partition waits before it is taken out: so nobody misses facts who asked here first.
UP = """
CREATE TABLE archives (
    number bigint CONSTRAINT pk_archives PRIMARY KEY,
    act text NOT NULL,
    partition text NOT NULL,
    partition_first bigint NOT NULL,
    partition_last bigint NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    file text,
    bytes bigint,
    sha256 bytea,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT ck_archives_act CHECK (act IN ('archived', 'restored')),
    CONSTRAINT ck_archives_positions CHECK (first_position > 0 AND last_position >= first_position),
    CONSTRAINT ck_archives_partition CHECK (partition_last >= partition_first AND first_position <= partition_last),
    CONSTRAINT ck_archives_file CHECK (num_nonnulls(file, bytes, sha256) = CASE act WHEN 'archived' THEN 3 ELSE 0 END),
    CONSTRAINT ck_archives_sha256 CHECK (octet_length(sha256) = 32)
);
COMMENT ON TABLE archives IS 'Files of facts that were taken out of the database, and ranges that were brought back.';
COMMENT ON COLUMN archives.file IS 'The name of the file in the folder of the archive.';
CREATE INDEX idx_archives_last_position ON archives (last_position);

CREATE TRIGGER refuse_rewriting BEFORE UPDATE OR DELETE OR TRUNCATE ON archives
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
REVOKE UPDATE, DELETE, TRUNCATE ON archives FROM plimsoll_owner;
GRANT SELECT ON archives TO plimsoll_app, plimsoll_worker;
"""

# Where the batches of observations stand is asked for each position that is shown, so it is kept when their facts go.
BATCHES = """
CREATE TABLE archived_batches (
    batch_id uuid CONSTRAINT pk_archived_batches PRIMARY KEY,
    position bigint NOT NULL
);
COMMENT ON TABLE archived_batches IS 'Follows from the archived facts, and spares looking through their files.';
"""

PLACE_OF_BATCH = """
CREATE OR REPLACE FUNCTION place_of_batch(batch uuid) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT coalesce(
        (
            SELECT position FROM events
            WHERE stream_id = batch AND version = 1 AND starts_with(type, 'positions.observed.')
        ),
        (SELECT position FROM archived_batches WHERE batch_id = batch)
    )
$$;
"""

PLACE_OF_BATCH_BEFORE = """
CREATE OR REPLACE FUNCTION place_of_batch(batch uuid) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT position FROM events
    WHERE stream_id = batch AND version = 1 AND starts_with(type, 'positions.observed.')
$$;
"""

MAY_GO_BACK = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM archives WHERE act = 'archived' AND number = (SELECT max(number) FROM archives)) THEN
        RAISE feature_not_supported USING MESSAGE =
            'A part of the log is archived, which the revision before knows nothing of: restore it first.';
    END IF;
END $$;
"""

DOWN = "DROP TABLE archives, archived_batches"
