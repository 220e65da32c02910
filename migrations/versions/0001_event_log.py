"""The event log: streams, events, commits, checkpoints"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for part in (TABLES, APPEND, APPEND_ONLY, RIGHTS):
        op.execute(part)


def downgrade() -> None:
    op.execute(DOWN)


TABLES = """
-- What nobody was given, nobody may call.
ALTER DEFAULT PRIVILEGES FOR ROLE plimsoll_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE TABLE streams (
    stream_id uuid CONSTRAINT pk_streams PRIMARY KEY,
    version bigint NOT NULL,
    CONSTRAINT ck_streams_version CHECK (version > 0)
) WITH (fillfactor = 70);

CREATE TABLE events (
    position bigint CONSTRAINT pk_events PRIMARY KEY,
    stream_id uuid NOT NULL,
    version bigint NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    user_id uuid,
    correlation_id uuid,
    recorded_at timestamptz NOT NULL,
    payload bytea NOT NULL,
    CONSTRAINT ck_events_position CHECK (position > 0),
    CONSTRAINT ck_events_version CHECK (version > 0),
    CONSTRAINT ck_events_type CHECK (type ~ '^[a-z_]+[.][a-z_]+[.]v[1-9][0-9]*$')
);
CREATE UNIQUE INDEX idx_events_stream_id_version ON events (stream_id, version);
CREATE INDEX idx_events_user_id_position ON events (user_id, position);
CREATE INDEX idx_events_type_position ON events (type, position);

CREATE TABLE commits (
    number bigint CONSTRAINT pk_commits PRIMARY KEY,
    first_position bigint NOT NULL,
    event_count bigint NOT NULL,
    idempotency_key uuid,
    fingerprint bytea,
    recorded_at timestamptz NOT NULL,
    root bytea NOT NULL,
    chain bytea NOT NULL,
    CONSTRAINT ck_commits_event_count CHECK (event_count > 0),
    CONSTRAINT ck_commits_hashes CHECK (octet_length(root) = 32 AND octet_length(chain) = 32),
    CONSTRAINT ck_commits_fingerprint CHECK ((idempotency_key IS NULL) = (fingerprint IS NULL))
);
CREATE UNIQUE INDEX idx_commits_first_position ON commits (first_position);
CREATE UNIQUE INDEX idx_commits_idempotency_key ON commits (idempotency_key);
CREATE INDEX idx_commits_recorded_at_number ON commits (recorded_at, number);

CREATE TABLE checkpoints (
    name text CONSTRAINT pk_checkpoints PRIMARY KEY,
    position bigint NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_checkpoints_position CHECK (position >= 0)
);
"""

# The only way in. Waits come in one order for everybody: the idempotency key, the streams by id, then the one lock
# that makes the order of places the order of commits. Whatever reads what others may have written meanwhile is a
# statement of its own: READ COMMITTED takes its snapshot when a statement begins, and that is before it waits.
APPEND = """
CREATE FUNCTION append_facts(
    given_event_ids uuid[],
    given_streams uuid[],
    given_versions bigint[],
    given_types text[],
    given_users uuid[],
    given_payloads bytea[],
    given_correlation uuid,
    given_time timestamptz,
    given_root bytea,
    given_key uuid DEFAULT NULL,
    given_fingerprint bytea DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    actor uuid := nullif(current_setting('app.actor', true), '')::uuid;
    total bigint := cardinality(given_event_ids);
    ids uuid[];
    expected bigint[];
    reached bigint[];
    consecutive boolean;
    begun bigint;
    continued bigint;
    known record;
    previous record;
    this_number bigint;
    this_first bigint;
    before bytea;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE feature_not_supported USING MESSAGE = 'The event log is written in READ COMMITTED only.';
    END IF;

    IF NOT pg_has_role(session_user, 'plimsoll_worker', 'MEMBER') AND (
        actor IS NULL
        OR EXISTS (SELECT FROM unnest(given_users) AS of(user_id) WHERE of.user_id IS DISTINCT FROM actor)
        OR EXISTS (
            SELECT FROM events
            WHERE stream_id = ANY (given_streams) AND version = 1 AND user_id IS DISTINCT FROM actor
        )
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'A fact belongs to somebody else.';
    END IF;

    IF given_key IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(1347177730, hashtext(given_key::text));
        SELECT first_position, fingerprint INTO known FROM commits WHERE idempotency_key = given_key;
        IF FOUND THEN
            IF known.fingerprint = given_fingerprint THEN
                RETURN known.first_position;
            END IF;
            RAISE EXCEPTION 'The idempotency key belongs to other facts.' USING ERRCODE = 'PL002';
        END IF;
    END IF;

    SELECT
        array_agg(stream_id ORDER BY stream_id),
        array_agg(lowest - 1 ORDER BY stream_id),
        array_agg(highest ORDER BY stream_id),
        bool_and(highest - lowest + 1 = facts)
    INTO ids, expected, reached, consecutive
    FROM (
        SELECT stream_id, min(version) AS lowest, max(version) AS highest, count(*) AS facts
        FROM unnest(given_streams, given_versions) AS given(stream_id, version)
        GROUP BY stream_id
    ) AS per_stream;

    INSERT INTO streams (stream_id, version)
    SELECT wanted.id, wanted.to_version
    FROM unnest(ids, expected, reached) AS wanted(id, from_version, to_version)
    WHERE wanted.from_version = 0
    ORDER BY wanted.id
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS begun = ROW_COUNT;

    IF cardinality(ids) > 1 THEN
        PERFORM FROM streams WHERE stream_id = ANY (ids) ORDER BY stream_id FOR UPDATE;
    END IF;
    UPDATE streams
    SET version = wanted.to_version
    FROM unnest(ids, expected, reached) AS wanted(id, from_version, to_version)
    WHERE streams.stream_id = wanted.id AND wanted.from_version > 0 AND streams.version = wanted.from_version;
    GET DIAGNOSTICS continued = ROW_COUNT;

    IF NOT consecutive OR begun + continued <> cardinality(ids) THEN
        RAISE EXCEPTION 'A stream has moved on.' USING ERRCODE = 'PL001';
    END IF;

    PERFORM pg_advisory_xact_lock(1347177729);

    SELECT number, first_position, event_count, recorded_at, chain INTO previous
    FROM commits ORDER BY number DESC LIMIT 1;
    this_number := coalesce(previous.number, 0) + 1;
    this_first := coalesce(previous.first_position + previous.event_count, 1);
    before := coalesce(previous.chain, decode(repeat('00', 32), 'hex'));

    INSERT INTO events (position, stream_id, version, event_id, type, user_id, correlation_id, recorded_at, payload)
    SELECT this_first + given.n - 1, given.stream_id, given.version, given.event_id, given.type, given.user_id,
        given_correlation, given_time, given.payload
    FROM unnest(given_event_ids, given_streams, given_versions, given_types, given_users, given_payloads)
        WITH ORDINALITY AS given(event_id, stream_id, version, type, user_id, payload, n);

    INSERT INTO commits (number, first_position, event_count, idempotency_key, fingerprint, recorded_at, root, chain)
    VALUES (
        this_number, this_first, total, given_key, given_fingerprint,
        greatest(given_time, previous.recorded_at),  -- a clock that goes back must not hide what came before
        given_root,
        sha256(before || int8send(this_number) || int8send(this_first) || int8send(total) || given_root)
    );

    PERFORM pg_notify('plimsoll_facts', (this_first + total - 1)::text);
    RETURN this_first;
END $$;
GRANT EXECUTE ON FUNCTION append_facts TO plimsoll_app, plimsoll_worker;
"""

APPEND_ONLY = """
CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
    RAISE insufficient_privilege
        USING MESSAGE = format('Rows of %I are written once, and never changed.', TG_TABLE_NAME);
END $$;
CREATE TRIGGER refuse_rewriting BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER refuse_rewriting BEFORE UPDATE OR DELETE OR TRUNCATE ON commits
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
REVOKE UPDATE, DELETE, TRUNCATE ON events, commits FROM plimsoll_owner;
"""

RIGHTS = """
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY events_of_the_actor ON events FOR SELECT TO plimsoll_app
    USING (user_id = (SELECT nullif(current_setting('app.actor', true), '')::uuid));
CREATE POLICY events_for_workers ON events FOR SELECT TO plimsoll_worker USING (true);
CREATE POLICY events_for_the_owner ON events TO plimsoll_owner USING (true) WITH CHECK (true);

GRANT SELECT ON events TO plimsoll_app, plimsoll_worker;
GRANT SELECT (number, first_position, event_count, recorded_at) ON commits TO plimsoll_app;
GRANT SELECT ON commits, streams TO plimsoll_worker;
GRANT SELECT ON checkpoints TO plimsoll_app;
GRANT SELECT, INSERT, UPDATE ON checkpoints TO plimsoll_worker;
GRANT SELECT ON alembic_version TO plimsoll_app, plimsoll_worker;
"""

# The roles stay: they belong to the server, and other databases of it may use them.
DOWN = """
REVOKE SELECT ON alembic_version FROM plimsoll_app, plimsoll_worker;
DROP TABLE checkpoints, commits, events, streams;
DROP FUNCTION append_facts, refuse_rewriting;
ALTER DEFAULT PRIVILEGES FOR ROLE plimsoll_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
"""
