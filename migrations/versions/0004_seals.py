"""Seals: signed heads of the log's tree"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE seals")


# `frontier` follows from the commits: it spares the next seal reading all of them again, and is checked against
# the signed root before it is used.
UP = """
CREATE TABLE seals (
    number bigint CONSTRAINT pk_seals PRIMARY KEY,
    commit_count bigint NOT NULL,
    position bigint NOT NULL,
    tree_root bytea NOT NULL,
    chain bytea NOT NULL,
    previous bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    key_id bytea NOT NULL,
    signature bytea NOT NULL,
    frontier bytea NOT NULL,
    CONSTRAINT ck_seals_number CHECK (number > 0),
    CONSTRAINT ck_seals_commit_count CHECK (commit_count > 0),
    CONSTRAINT ck_seals_position CHECK (position >= commit_count),
    CONSTRAINT ck_seals_hashes CHECK (
        octet_length(tree_root) = 32 AND octet_length(chain) = 32 AND octet_length(previous) = 32
        AND octet_length(key_id) = 32 AND octet_length(signature) = 64 AND octet_length(frontier) % 32 = 0
    )
);
CREATE UNIQUE INDEX idx_seals_commit_count ON seals (commit_count);

CREATE TRIGGER refuse_rewriting BEFORE UPDATE OR DELETE OR TRUNCATE ON seals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
REVOKE UPDATE, DELETE, TRUNCATE ON seals FROM plimsoll_owner;
GRANT SELECT ON seals TO plimsoll_app;
GRANT SELECT, INSERT ON seals TO plimsoll_worker;
"""
