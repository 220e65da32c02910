"""Archived ranges of the log"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)


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

DOWN = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM archives WHERE act = 'archived' AND number = (SELECT max(number) FROM archives)) THEN
        RAISE feature_not_supported USING MESSAGE =
            'A part of the log is archived, which the revision before knows nothing of: restore it first.';
    END IF;
END $$;
DROP TABLE archives;
"""
