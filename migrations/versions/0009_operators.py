"""Operators, and audits that run as jobs"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ACTOR = "(SELECT nullif(current_setting('app.actor', true), '')::uuid)"
AUDITED = "(SELECT nullif(current_setting('app.audited', true), '')::uuid)"

SHOWN_TO_OPERATORS = ("events", "positions", "stakes")


def upgrade() -> None:
    for part in (TABLES, ROLE, RIGHTS.replace(":actor:", ACTOR), LEAVES):
        op.execute(part)
    for table in SHOWN_TO_OPERATORS:
        op.execute(
            f"CREATE POLICY {table}_for_operators ON {table} FOR SELECT TO plimsoll_app "
            f"USING ((SELECT auditing()) AND ({AUDITED} IS NULL OR user_id = {AUDITED}))"
        )


def downgrade() -> None:
    for table in SHOWN_TO_OPERATORS:
        op.execute(f"DROP POLICY {table}_for_operators ON {table}")
    op.execute(DOWN)


TABLES = """
CREATE TABLE operators (
    id uuid CONSTRAINT pk_operators PRIMARY KEY,
    user_id uuid NOT NULL,
    appointed_at timestamptz NOT NULL,
    dismissed_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT fk_operators_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT ck_operators_version CHECK (version > 0)
);
COMMENT ON COLUMN operators.id IS 'Follows from the user''s id; it names the stream of what became of the appointment.';
CREATE UNIQUE INDEX idx_operators_user_id ON operators (user_id);

CREATE TABLE audit_jobs (
    id uuid CONSTRAINT pk_audit_jobs PRIMARY KEY,
    user_id uuid NOT NULL,
    kind text NOT NULL,
    subject_id uuid,
    since_position bigint NOT NULL,
    until_position bigint,
    status text NOT NULL,
    reached bigint NOT NULL DEFAULT 0,
    goal bigint,
    sound boolean,
    report jsonb,
    reason text,
    asked_at timestamptz NOT NULL,
    started_at timestamptz,
    ended_at timestamptz,
    lives_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT fk_audit_jobs_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT ck_audit_jobs_kind CHECK (kind IN ('replay', 'verification')),
    CONSTRAINT ck_audit_jobs_status CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    CONSTRAINT ck_audit_jobs_positions CHECK (
        since_position >= 0 AND (until_position IS NULL OR until_position > since_position) AND reached >= 0
    ),
    CONSTRAINT ck_audit_jobs_ended_at CHECK ((ended_at IS NOT NULL) = (status IN ('succeeded', 'failed', 'cancelled'))),
    CONSTRAINT ck_audit_jobs_report CHECK (status = 'succeeded' OR num_nonnulls(report, sound) = 0)
);
COMMENT ON COLUMN audit_jobs.user_id IS 'Who asked.';
COMMENT ON COLUMN audit_jobs.subject_id IS 'Whose facts are audited; null is everybody''s.';
COMMENT ON COLUMN audit_jobs.lives_until IS 'Without a sign of life by then, another worker may take the job up again.';
CREATE INDEX idx_audit_jobs_user_id_asked_at ON audit_jobs (user_id, asked_at DESC, id DESC);
CREATE INDEX idx_audit_jobs_asked_at ON audit_jobs (asked_at) WHERE status IN ('queued', 'running');
"""

# An operator sees other people's rows where three things hold: the transaction says on whose behalf it audits, it can
# write nothing, and at this moment that person is an operator.
ROLE = """
CREATE FUNCTION operates(given uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM operators JOIN users ON users.id = operators.user_id
        WHERE operators.user_id = given AND operators.dismissed_at IS NULL AND users.deleted_at IS NULL
    )
$$;

CREATE FUNCTION auditing() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT current_setting('transaction_read_only') = 'on'
        AND operates(nullif(current_setting('app.auditor', true), '')::uuid)
$$;
GRANT EXECUTE ON FUNCTION operates, auditing TO plimsoll_app, plimsoll_worker;
"""

RIGHTS = """
CREATE TRIGGER touch BEFORE UPDATE ON operators FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
ALTER TABLE operators ENABLE ROW LEVEL SECURITY;
ALTER TABLE operators FORCE ROW LEVEL SECURITY;
CREATE POLICY operators_of_the_actor ON operators TO plimsoll_app USING (user_id = :actor:);
CREATE POLICY operators_for_workers ON operators TO plimsoll_worker USING (true);
CREATE POLICY operators_for_the_owner ON operators FOR SELECT TO plimsoll_owner USING (true);
GRANT SELECT ON operators TO plimsoll_app;
GRANT SELECT, INSERT, UPDATE ON operators TO plimsoll_worker;

CREATE TRIGGER touch BEFORE UPDATE ON audit_jobs FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
ALTER TABLE audit_jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_jobs FORCE ROW LEVEL SECURITY;
-- Whoever was dismissed loses what they had asked about others.
CREATE POLICY audit_jobs_of_the_actor ON audit_jobs TO plimsoll_app
    USING (user_id = :actor: AND (subject_id IS NOT DISTINCT FROM user_id OR operates(user_id)));
CREATE POLICY audit_jobs_for_workers ON audit_jobs TO plimsoll_worker USING (true);
GRANT SELECT, INSERT, UPDATE ON audit_jobs TO plimsoll_app;
GRANT SELECT, UPDATE, DELETE ON audit_jobs TO plimsoll_worker;
"""

# What a proof of one's own fact needs of the others in its commit, and of other commits: hashes. Each is over a random
# event id, so nobody can try out what it may stand for.
LEAVES = """
CREATE FUNCTION leaves_of_events(given_after bigint, given_until bigint) RETURNS TABLE (place bigint, leaf bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT position, sha256('\\x00'::bytea || int4send(octet_length(header)) || header || payload)
    FROM events, LATERAL (
        SELECT int4send(16) || uuid_send(event_id)
            || int4send(16) || uuid_send(stream_id)
            || int4send(8) || int8send(version)
            || int4send(octet_length(type)) || convert_to(type, 'UTF8')
            || CASE WHEN user_id IS NULL THEN int4send(0) ELSE int4send(16) || uuid_send(user_id) END
            || CASE WHEN correlation_id IS NULL THEN int4send(0) ELSE int4send(16) || uuid_send(correlation_id) END
            || int4send(8) || int8send((extract(epoch FROM recorded_at) * 1000000)::bigint)
            || CASE WHEN fingerprint IS NULL THEN ''::bytea ELSE int4send(32) || fingerprint END
    ) AS headed(header)
    WHERE position > given_after AND position <= given_until ORDER BY position
$$;
GRANT EXECUTE ON FUNCTION leaves_of_events TO plimsoll_app, plimsoll_worker;
GRANT SELECT (root, chain) ON commits TO plimsoll_app;
"""

DOWN = """
REVOKE SELECT (root, chain) ON commits FROM plimsoll_app;
DROP FUNCTION leaves_of_events;
DROP TABLE audit_jobs, operators;
DROP FUNCTION auditing, operates;
"""
