"""Keys of subjects, with which personal fields are sealed"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)


# `sealed_after` is where the log ended when the key was made: facts up to there were written in the clear.
UP = """
ALTER TABLE users ADD COLUMN forgotten_at timestamptz;

CREATE TABLE subject_keys (
    user_id uuid CONSTRAINT pk_subject_keys PRIMARY KEY,
    wrapped_key bytea,
    ring_key_id text,
    sealed_after bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz,
    CONSTRAINT ck_subject_keys_wrapped_key CHECK ((wrapped_key IS NULL) = (destroyed_at IS NOT NULL)),
    CONSTRAINT ck_subject_keys_ring_key_id CHECK ((wrapped_key IS NULL) = (ring_key_id IS NULL))
);
COMMENT ON TABLE subject_keys IS
    'A backup of this table brings destroyed keys back: keep it apart, for as short a time as you can.';
CREATE INDEX idx_subject_keys_ring_key_id ON subject_keys (ring_key_id) WHERE wrapped_key IS NOT NULL;

CREATE FUNCTION refuse_reviving() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE insufficient_privilege USING MESSAGE = 'The key of a subject is destroyed, never removed.';
    END IF;
    IF OLD.destroyed_at IS NOT NULL OR (NEW.user_id, NEW.sealed_after) <> (OLD.user_id, OLD.sealed_after) THEN
        RAISE insufficient_privilege USING MESSAGE = 'A destroyed key stays destroyed, and belongs to whom it did.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_reviving BEFORE UPDATE OR DELETE ON subject_keys
    FOR EACH ROW EXECUTE FUNCTION refuse_reviving();
CREATE TRIGGER refuse_emptying BEFORE TRUNCATE ON subject_keys
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_reviving();

-- Whoever writes with a key holds it until the commit; whoever destroys it waits for them, and is waited for. The
-- function is volatile, so that its query sees what was committed while it waited.
CREATE FUNCTION hold_subject_keys(given uuid[], to_destroy boolean)
RETURNS TABLE (user_id uuid, wrapped_key bytea, ring_key_id text, sealed_after bigint)
LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp
AS $$
DECLARE
    one uuid;
BEGIN
    FOR one IN SELECT of.id FROM unnest(given) AS of(id) ORDER BY of.id LOOP
        IF to_destroy THEN
            PERFORM pg_advisory_xact_lock(1347177733, hashtext(one::text));
        ELSE
            PERFORM pg_advisory_xact_lock_shared(1347177733, hashtext(one::text));
        END IF;
    END LOOP;
    RETURN QUERY SELECT found.user_id, found.wrapped_key, found.ring_key_id, found.sealed_after
    FROM subject_keys AS found WHERE found.user_id = ANY (given);
END $$;
GRANT EXECUTE ON FUNCTION hold_subject_keys TO plimsoll_app, plimsoll_worker;

ALTER TABLE subject_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE subject_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY subject_keys_of_the_actor ON subject_keys TO plimsoll_app
    USING (user_id = (SELECT nullif(current_setting('app.actor', true), '')::uuid));
CREATE POLICY subject_keys_for_workers ON subject_keys TO plimsoll_worker USING (true);
GRANT SELECT, INSERT ON subject_keys TO plimsoll_app;
GRANT SELECT, INSERT, UPDATE ON subject_keys TO plimsoll_worker;
"""

DOWN = """
DROP TABLE subject_keys;
DROP FUNCTION hold_subject_keys, refuse_reviving;
ALTER TABLE users DROP COLUMN forgotten_at;
"""
