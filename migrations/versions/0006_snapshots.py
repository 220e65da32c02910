"""Snapshots of streams, and what must be known of a batch to say when it was seen"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for part in (SNAPSHOTS, BATCHES):
        op.execute(part)


def downgrade() -> None:
    op.execute(DOWN)


# They spare folding a long stream from its beginning, and nothing follows from them: whoever forgets a user deletes
# that user's, and a change of the code that folds makes all of them useless.
SNAPSHOTS = """
CREATE TABLE snapshots (
    stream_id uuid NOT NULL,
    version bigint NOT NULL,
    code bytea NOT NULL,
    position bigint NOT NULL,
    kind text NOT NULL,
    user_id uuid NOT NULL,
    state bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_snapshots PRIMARY KEY (stream_id, version, code),
    CONSTRAINT ck_snapshots_version CHECK (version > 0),
    CONSTRAINT ck_snapshots_position CHECK (position >= version),
    CONSTRAINT ck_snapshots_code CHECK (octet_length(code) = 32)
);
COMMENT ON COLUMN snapshots.code IS 'SHA-256 of the code that folded the stream: to any other, it means nothing.';
CREATE INDEX idx_snapshots_user_id ON snapshots (user_id);

ALTER TABLE snapshots ENABLE ROW LEVEL SECURITY;
ALTER TABLE snapshots FORCE ROW LEVEL SECURITY;
CREATE POLICY snapshots_of_the_actor ON snapshots FOR SELECT TO plimsoll_app
    USING (user_id = (SELECT nullif(current_setting('app.actor', true), '')::uuid));
CREATE POLICY snapshots_for_workers ON snapshots TO plimsoll_worker USING (true);
GRANT SELECT ON snapshots TO plimsoll_app;
GRANT SELECT, INSERT, DELETE ON snapshots TO plimsoll_worker;
"""

# A batch's fact shows other people's wallets too, so the HTTP server cannot read it; where it stands in the log is no
# secret, nor is it to somebody who watched a wallet that the market said: nothing there any more.
BATCHES = """
CREATE FUNCTION place_of_batch(batch uuid) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT position FROM events
    WHERE stream_id = batch AND version = 1 AND starts_with(type, 'positions.observed.')
$$;

CREATE FUNCTION place_of_leaving(
    wallet text, chain bigint, lending_market text, names text[], after bigint, until bigint
) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT position FROM events
    WHERE type = ANY (names) AND starts_with(type, 'positions.observed.') AND position > after AND position <= until
        AND CASE WHEN position(convert_to(wallet, 'UTF8') IN payload) > 0 THEN
            convert_from(payload, 'UTF8')::jsonb @> jsonb_build_object(
                'chain_id', chain, 'market', lending_market, 'without_position', jsonb_build_array(wallet)
            )
        ELSE false END
        AND (
            pg_has_role(session_user, 'plimsoll_worker', 'MEMBER')
            OR EXISTS (
                SELECT FROM positions
                WHERE wallet_address = wallet
                    AND user_id IN (
                        (SELECT nullif(current_setting('app.actor', true), '')::uuid),
                        (SELECT nullif(current_setting('app.audited', true), '')::uuid)  -- by an operator
                    )
            )
        )
    ORDER BY position LIMIT 1
$$;

GRANT EXECUTE ON FUNCTION place_of_batch, place_of_leaving TO plimsoll_app, plimsoll_worker;
"""

DOWN = """
DROP FUNCTION place_of_batch, place_of_leaving;
DROP TABLE snapshots;
"""
