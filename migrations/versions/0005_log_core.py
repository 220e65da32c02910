"""The event log, partitioned, with keys and fingerprints of its own"""

from pathlib import Path
from runpy import run_path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for part in (NO_APPEND, KEYS, OWNERS, PARTITIONED, ENSURE, APPEND, APPEND_LARGE):
        op.execute(part)


def downgrade() -> None:
    for part in (MAY_GO_BACK, DROP_FUNCTIONS, ONE_TABLE, KEYS_IN_COMMITS, OLD_APPEND):
        op.execute(part)


NO_APPEND = "DROP FUNCTION append_facts"

# An append's key is on record for ever, beside the log: a commit may hold many of them.
KEYS = """
CREATE TABLE append_keys (
    key uuid CONSTRAINT pk_append_keys PRIMARY KEY,
    fingerprint bytea NOT NULL,
    first_position bigint NOT NULL,
    event_count bigint NOT NULL
);
INSERT INTO append_keys (key, fingerprint, first_position, event_count)
    SELECT idempotency_key, fingerprint, first_position, event_count FROM commits WHERE idempotency_key IS NOT NULL;
CREATE TRIGGER refuse_rewriting BEFORE UPDATE OR DELETE OR TRUNCATE ON append_keys
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
REVOKE UPDATE, DELETE, TRUNCATE ON append_keys FROM plimsoll_owner;
ALTER TABLE commits DROP COLUMN idempotency_key, DROP COLUMN fingerprint;
"""

# Whose stream it is has to be known when its first fact lies in an archive.
OWNERS = """
ALTER TABLE streams ADD COLUMN owner_id uuid;
COMMENT ON COLUMN streams.owner_id IS 'The user of its first fact.';
UPDATE streams SET owner_id = events.user_id
    FROM events WHERE events.stream_id = streams.stream_id AND events.version = 1 AND events.user_id IS NOT NULL;
"""

# The table becomes the first partition of its successor, with its rows and indexes as they are.
PARTITIONED = """
ALTER TABLE events DROP CONSTRAINT ck_events_type;
ALTER TABLE events
    ADD COLUMN fingerprint bytea, ADD CONSTRAINT ck_events_fingerprint CHECK (octet_length(fingerprint) = 32);
ALTER TABLE events RENAME TO events_from_1;
ALTER INDEX pk_events RENAME TO pk_events_from_1;
ALTER INDEX idx_events_stream_id_version RENAME TO idx_events_from_1_stream_id_version;
ALTER INDEX idx_events_user_id_position RENAME TO idx_events_from_1_user_id_position;
ALTER INDEX idx_events_type_position RENAME TO idx_events_from_1_type_position;
DROP POLICY events_of_the_actor ON events_from_1;
DROP POLICY events_for_workers ON events_from_1;
DROP POLICY events_for_the_owner ON events_from_1;
REVOKE ALL ON events_from_1 FROM plimsoll_app, plimsoll_worker;

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
    fingerprint bytea,
    CONSTRAINT ck_events_position CHECK (position > 0),
    CONSTRAINT ck_events_version CHECK (version > 0),
    CONSTRAINT ck_events_fingerprint CHECK (octet_length(fingerprint) = 32)
) PARTITION BY RANGE (position);
COMMENT ON COLUMN events.fingerprint IS 'SHA-256 of the state that the stream reached with this fact.';
CREATE INDEX idx_events_user_id_position ON events (user_id, position);
CREATE INDEX idx_events_type_position ON events (type, position);
CREATE INDEX idx_events_correlation_id_position ON events (correlation_id, position) WHERE correlation_id IS NOT NULL;
CREATE TRIGGER refuse_rewriting BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
REVOKE UPDATE, DELETE, TRUNCATE ON events FROM plimsoll_owner;

ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY events_of_the_actor ON events FOR SELECT TO plimsoll_app
    USING (user_id = (SELECT nullif(current_setting('app.actor', true), '')::uuid));
CREATE POLICY events_for_workers ON events FOR SELECT TO plimsoll_worker USING (true);
CREATE POLICY events_for_the_owner ON events TO plimsoll_owner USING (true) WITH CHECK (true);
GRANT SELECT ON events TO plimsoll_app, plimsoll_worker;
"""

# Nobody is granted anything on a partition: rows are reached through the parent and its policies alone. Within a
# partition a stream has each version once; over all of them the compare-and-swap of `streams` sees to that.
ENSURE = """
CREATE FUNCTION event_partition_size() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT 1000000::bigint $$;

CREATE FUNCTION ensure_event_partitions(through bigint DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    size bigint := event_partition_size();
    wanted bigint;
    bound bigint;
    beyond bigint;
    part text;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(1347177733);
    SELECT max(first_position + event_count - 1) INTO wanted
    FROM (SELECT first_position, event_count FROM commits ORDER BY number DESC LIMIT 1) AS newest;
    wanted := coalesce(wanted, 0);
    IF through > wanted + 10 * size THEN
        RAISE invalid_parameter_value USING MESSAGE = 'Partitions are made for ten of them ahead at most.';
    END IF;
    wanted := greatest(wanted + size, through);
    SELECT max(substring(pg_get_expr(relpartbound, pg_class.oid) FROM 'TO \\(''([0-9]+)''\\)')::bigint) INTO bound
    FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'events'::regclass;
    bound := coalesce(bound, (wanted - size) / size * size + 1);
    WHILE bound <= wanted LOOP
        beyond := ((bound - 1) / size + 1) * size + 1;
        part := 'events_from_' || bound;
        EXECUTE format('CREATE TABLE %I (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
        EXECUTE format(
            'CREATE UNIQUE INDEX %I ON %I (stream_id, version)', 'idx_' || part || '_stream_id_version', part
        );
        PERFORM guard_event_partition(part::regclass);
        EXECUTE format(
            'ALTER TABLE events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', part, bound, beyond
        );
        bound := beyond;
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
GRANT EXECUTE ON FUNCTION ensure_event_partitions TO plimsoll_worker;

CREATE FUNCTION guard_event_partition(part regclass) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE TRIGGER refuse_rewriting BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
        'FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()', part
    );
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM plimsoll_owner', part);
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', part);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', part);
END $$;

DO $$
DECLARE
    size bigint := event_partition_size();
    newest bigint := (SELECT coalesce(max(position), 1) FROM events_from_1);
BEGIN
    PERFORM guard_event_partition('events_from_1'::regclass);
    EXECUTE format(
        'ALTER TABLE events ATTACH PARTITION events_from_1 FOR VALUES FROM (1) TO (%L)',
        ((newest - 1) / size + 1) * size + 1
    );
    PERFORM ensure_event_partitions();
END $$;
"""

# The only way in, for one caller or for many at once: each "member" is one caller's facts, written under its own key.
# All of them become one commit, or nothing is written and `refusals` says for each member why not: 0 when a stream of
# it has moved on, -1 when its key belongs to other facts, the first place when the key's facts (or, sent again after a
# lost connection, the very same ones) are on record already, and NULL when nothing speaks against it. Whoever called
# may then leave those out and call again.
#
# There is one wait, for the lock that makes the order of places the order of commits, and everything that writers
# could race for is read and written behind it. It is read in a statement of its own: READ COMMITTED takes its snapshot
# when a statement begins, and that would be before the wait. Plans are generic: made anew for every call, they would
# cost more than what they plan. One made while the tables were empty must not read them from end to end a year later:
# hence scalar subqueries, which can only be looked up, where a join or ANY would do on paper.
# One fact alone, which is the commonest, goes in without taking arrays apart: an eighth less work for the server.
APPEND = r"""
CREATE FUNCTION append_facts(
    given_event_ids uuid[],
    given_streams uuid[],
    given_versions bigint[],
    given_kinds integer[],
    given_users uuid[],
    given_payloads bytea[],
    given_fingerprints bytea[],
    given_members integer[],
    given_types text[],
    given_correlations uuid[],
    given_keys uuid[],
    given_contents bytea[],
    given_time timestamptz,
    given_root bytea,
    OUT first_place bigint,
    OUT refusals bigint[]
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    for_actor boolean := NOT pg_has_role(session_user, 'plimsoll_worker', 'MEMBER');
    actor uuid := nullif(current_setting('app.actor', true), '')::uuid;
    total bigint := cardinality(given_event_ids);
    keyed boolean := array_remove(given_keys, NULL) <> '{}';
    ids uuid[] := given_streams;
    expected bigint[] := ARRAY[given_versions[1] - 1];
    reached bigint[] := given_versions;
    owners uuid[] := given_users;
    sound boolean := true;
    previous record;
    this_number bigint;
    name text;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE feature_not_supported USING MESSAGE = 'The event log is written in READ COMMITTED only.';
    END IF;
    FOREACH name IN ARRAY given_types LOOP
        IF name !~ '^[a-z_]+[.][a-z_]+[.]v[1-9][0-9]*$' THEN
            RAISE check_violation USING MESSAGE = 'A fact has a name that is none.';
        END IF;
    END LOOP;
    IF total > 1 THEN
        SELECT array_agg(stream_id), array_agg(lowest - 1), array_agg(highest), array_agg(given_users[foremost]),
            bool_and(highest - lowest + 1 = facts)
        INTO ids, expected, reached, owners, sound
        FROM (
            SELECT stream_id, min(version) AS lowest, max(version) AS highest, min(n) AS foremost, count(*) AS facts
            FROM (
                SELECT unnest(given_streams) AS stream_id, unnest(given_versions) AS version,
                    generate_series(1, total) AS n
            ) AS given
            GROUP BY stream_id
        ) AS per_stream;
    END IF;
    IF NOT sound THEN
        RAISE check_violation USING MESSAGE = 'The facts of a stream do not follow each other.';
    END IF;

    PERFORM pg_advisory_xact_lock(1347177729);

    IF for_actor AND (
        actor IS NULL
        OR EXISTS (SELECT FROM unnest(given_users) AS of(user_id) WHERE of.user_id IS DISTINCT FROM actor)
        OR EXISTS (
            SELECT FROM unnest(ids) AS wanted(id)
            WHERE (SELECT owner_id IS DISTINCT FROM actor FROM streams WHERE stream_id = wanted.id)
        )
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'A fact belongs to somebody else.';
    END IF;

    IF total = 1 THEN
        SELECT number, first_position + event_count AS beyond, recorded_at, chain,
            expected[1] <> coalesce((SELECT version FROM streams WHERE stream_id = given_streams[1]), 0) AS stale,
            keyed AND EXISTS (SELECT FROM append_keys WHERE key = given_keys[1]) AS known
        INTO previous
        FROM commits ORDER BY number DESC LIMIT 1;
    END IF;
    IF previous IS NULL THEN
        SELECT newest.*,
            EXISTS (
                SELECT FROM unnest(ids, expected) AS wanted(id, version)
                WHERE coalesce((SELECT streams.version FROM streams WHERE stream_id = wanted.id), 0) <> wanted.version
            ) AS stale,
            keyed AND EXISTS (
                SELECT FROM unnest(given_keys) AS wanted(id) WHERE (SELECT true FROM append_keys WHERE key = wanted.id)
            ) AS known
        INTO previous
        FROM (VALUES (1)) AS always LEFT JOIN (
            SELECT number, first_position + event_count AS beyond, recorded_at, chain
            FROM commits ORDER BY number DESC LIMIT 1
        ) AS newest ON true;
    END IF;
    IF previous.stale OR previous.known THEN
        refusals := refused_appends(
            ids, expected, given_event_ids, given_streams, given_versions, given_members, given_keys, given_contents
        );
        RETURN;
    END IF;

    this_number := coalesce(previous.number, 0) + 1;
    first_place := coalesce(previous.beyond, 1);
    IF (first_place - 2) / event_partition_size() <> (first_place + total - 2) / event_partition_size() THEN
        PERFORM ensure_event_partitions(first_place + total - 1);
    END IF;

    IF total = 1 THEN
        WITH fact AS (
            INSERT INTO events (
                position, stream_id, version, event_id, type, user_id, correlation_id, recorded_at, payload, fingerprint
            )
            VALUES (
                first_place, given_streams[1], given_versions[1], given_event_ids[1], given_types[given_kinds[1]],
                given_users[1], given_correlations[1], given_time, given_payloads[1], given_fingerprints[1]
            )
        ),
        used AS (
            INSERT INTO append_keys (key, fingerprint, first_position, event_count)
            SELECT given_keys[1], given_contents[1], first_place, 1 WHERE keyed
        )
        INSERT INTO streams (stream_id, version, owner_id) VALUES (given_streams[1], given_versions[1], given_users[1])
        ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version;
    ELSE
        WITH facts AS (
            INSERT INTO events (
                position, stream_id, version, event_id, type, user_id, correlation_id, recorded_at, payload, fingerprint
            )
            SELECT n, stream_id, version, event_id, given_types[kind], user_id, given_correlations[member], given_time,
                payload, fingerprint
            FROM (
                SELECT generate_series(first_place, first_place + total - 1) AS n, unnest(given_streams) AS stream_id,
                    unnest(given_versions) AS version, unnest(given_event_ids) AS event_id, unnest(given_kinds) AS kind,
                    unnest(given_users) AS user_id, unnest(given_members) AS member, unnest(given_payloads) AS payload,
                    unnest(given_fingerprints) AS fingerprint
            ) AS given
        ),
        used AS (
            INSERT INTO append_keys (key, fingerprint, first_position, event_count)
            SELECT given_keys[member], given_contents[member], first_place + min(n), count(*)
            FROM (SELECT generate_series(0, total - 1) AS n, unnest(given_members) AS member WHERE keyed) AS given
            WHERE given_keys[member] IS NOT NULL
            GROUP BY member
        )
        INSERT INTO streams (stream_id, version, owner_id)
        SELECT unnest(ids), unnest(reached), unnest(owners)
        ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version;
    END IF;
    INSERT INTO commits (number, first_position, event_count, recorded_at, root, chain)
    VALUES (
        this_number, first_place, total,
        greatest(given_time, previous.recorded_at),  -- a clock that goes back must not hide what came before
        given_root,
        sha256(
            coalesce(previous.chain, decode(repeat('00', 32), 'hex'))
            || int8send(this_number) || int8send(first_place) || int8send(total) || given_root
        )
    );
    PERFORM pg_notify('plimsoll_facts', (first_place + total - 1)::text);
END $$;
GRANT EXECUTE ON FUNCTION append_facts TO plimsoll_app, plimsoll_worker;

CREATE FUNCTION refused_appends(
    ids uuid[], expected bigint[], given_event_ids uuid[], given_streams uuid[], given_versions bigint[],
    given_members integer[], given_keys uuid[], given_contents bytea[]
) RETURNS bigint[]
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    WITH moved_on AS (
        SELECT id FROM unnest(ids, expected) AS wanted(id, version)
        WHERE coalesce((SELECT streams.version FROM streams WHERE stream_id = wanted.id), 0) <> wanted.version
    ),
    stale AS (
        SELECT member, min((
            SELECT position FROM events
            WHERE stream_id = given.stream_id AND version = given.version AND event_id = given.event_id
        )) AS written
        FROM unnest(given_event_ids, given_streams, given_versions, given_members)
            AS given(event_id, stream_id, version, member)
        WHERE stream_id IN (SELECT id FROM moved_on)
        GROUP BY member
    )
    SELECT array_agg(
        CASE WHEN known.fingerprint = content THEN known.first_position WHEN known.fingerprint IS NOT NULL THEN -1
            WHEN stale.member IS NOT NULL THEN coalesce(written, 0) END
        ORDER BY n
    )
    FROM unnest(given_keys, given_contents) WITH ORDINALITY AS asked(given_key, content, n)
    LEFT JOIN LATERAL (
        SELECT fingerprint, first_position FROM append_keys WHERE key = given_key LIMIT 1
    ) AS known ON true
    LEFT JOIN stale ON stale.member = n
$$;
"""

# One caller's facts by the ten thousand: COPY into a table of the session, and from there in one commit. The table is
# the owner's, and whoever was granted to copy into it can neither read nor replace it; the log itself stays out of
# reach. What `append_facts` says of waiting, reading and planning holds here.
APPEND_LARGE = r"""
CREATE FUNCTION stage_facts() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF to_regclass('pg_temp.incoming_facts') IS NULL THEN
        CREATE TEMPORARY TABLE incoming_facts (
            n bigint NOT NULL,
            event_id uuid NOT NULL,
            stream_id uuid NOT NULL,
            version bigint NOT NULL,
            kind integer NOT NULL,
            user_id uuid,
            payload bytea NOT NULL,
            fingerprint bytea
        ) ON COMMIT DELETE ROWS;
        GRANT INSERT ON incoming_facts TO plimsoll_worker;
    END IF;
END $$;
GRANT EXECUTE ON FUNCTION stage_facts TO plimsoll_worker;

CREATE FUNCTION append_staged_facts(
    given_types text[],
    given_correlation uuid,
    given_key uuid,
    given_content bytea,
    given_time timestamptz,
    given_root bytea,
    OUT first_place bigint,
    OUT refusals bigint[]
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    total bigint;
    ids uuid[];
    expected bigint[];
    reached bigint[];
    owners uuid[];
    sound boolean;
    previous record;
    this_number bigint;
    name text;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE feature_not_supported USING MESSAGE = 'The event log is written in READ COMMITTED only.';
    END IF;
    IF NOT EXISTS (
        SELECT FROM pg_class WHERE oid = to_regclass('pg_temp.incoming_facts') AND relowner = 'plimsoll_owner'::regrole
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'The facts were not staged by stage_facts().';
    END IF;
    FOREACH name IN ARRAY given_types LOOP
        IF name !~ '^[a-z_]+[.][a-z_]+[.]v[1-9][0-9]*$' THEN
            RAISE check_violation USING MESSAGE = 'A fact has a name that is none.';
        END IF;
    END LOOP;
    SELECT array_agg(stream_id), array_agg(lowest - 1), array_agg(highest), array_agg(owner_id),
        bool_and(highest - lowest + 1 = facts) AND max(latest) = sum(facts) AND min(foremost) = 1, sum(facts)
    INTO ids, expected, reached, owners, sound, total
    FROM (
        SELECT stream_id, min(version) AS lowest, max(version) AS highest, count(*) AS facts, min(n) AS foremost,
            max(n) AS latest, (array_agg(user_id) FILTER (WHERE version = 1))[1] AS owner_id
        FROM pg_temp.incoming_facts GROUP BY stream_id
    ) AS per_stream;
    IF NOT coalesce(sound, false) THEN
        RAISE check_violation USING MESSAGE = 'The facts of a stream do not follow each other.';
    END IF;

    PERFORM pg_advisory_xact_lock(1347177729);

    SELECT newest.*,
        EXISTS (
            SELECT FROM unnest(ids, expected) AS wanted(id, version)
            WHERE coalesce((SELECT streams.version FROM streams WHERE stream_id = wanted.id), 0) <> wanted.version
        ) AS stale,
        (SELECT true FROM append_keys WHERE key = given_key) AS known
    INTO previous
    FROM (VALUES (1)) AS always LEFT JOIN (
        SELECT number, first_position + event_count AS beyond, recorded_at, chain
        FROM commits ORDER BY number DESC LIMIT 1
    ) AS newest ON true;
    IF previous.stale OR previous.known THEN
        SELECT refused_appends(
            ids, expected, array_agg(event_id), array_agg(stream_id), array_agg(version),
            array_agg(1), ARRAY[given_key], ARRAY[given_content]
        ) INTO refusals FROM pg_temp.incoming_facts;
        RETURN;
    END IF;

    this_number := coalesce(previous.number, 0) + 1;
    first_place := coalesce(previous.beyond, 1);
    IF (first_place - 2) / event_partition_size() <> (first_place + total - 2) / event_partition_size() THEN
        PERFORM ensure_event_partitions(first_place + total - 1);
    END IF;

    INSERT INTO events (
        position, stream_id, version, event_id, type, user_id, correlation_id, recorded_at, payload, fingerprint
    )
    SELECT first_place + n - 1, stream_id, version, event_id, given_types[kind], user_id, given_correlation, given_time,
        payload, fingerprint
    FROM pg_temp.incoming_facts;
    INSERT INTO streams (stream_id, version, owner_id)
    SELECT unnest(ids), unnest(reached), unnest(owners)
    ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version;
    INSERT INTO append_keys (key, fingerprint, first_position, event_count)
    SELECT given_key, given_content, first_place, total WHERE given_key IS NOT NULL;
    INSERT INTO commits (number, first_position, event_count, recorded_at, root, chain)
    VALUES (
        this_number, first_place, total, greatest(given_time, previous.recorded_at), given_root,
        sha256(
            coalesce(previous.chain, decode(repeat('00', 32), 'hex'))
            || int8send(this_number) || int8send(first_place) || int8send(total) || given_root
        )
    );
    PERFORM pg_notify('plimsoll_facts', (first_place + total - 1)::text);
END $$;
GRANT EXECUTE ON FUNCTION append_staged_facts TO plimsoll_worker;
"""

MAY_GO_BACK = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM events WHERE fingerprint IS NOT NULL) THEN
        RAISE feature_not_supported USING MESSAGE =
            'The log holds fingerprints of states, which the revision before cannot hold; restore a backup instead.';
    END IF;
END $$;
"""

DROP_FUNCTIONS = """
DROP FUNCTION append_facts, append_staged_facts, stage_facts, refused_appends;
DROP FUNCTION ensure_event_partitions, guard_event_partition, event_partition_size;
"""

ONE_TABLE = """
ALTER TABLE streams DROP COLUMN owner_id;
CREATE TEMPORARY TABLE events_kept ON COMMIT DROP AS
    SELECT position, stream_id, version, event_id, type, user_id, correlation_id, recorded_at, payload FROM events;
DROP TABLE events;
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
INSERT INTO events SELECT * FROM events_kept;
DROP TABLE events_kept;
CREATE UNIQUE INDEX idx_events_stream_id_version ON events (stream_id, version);
CREATE INDEX idx_events_user_id_position ON events (user_id, position);
CREATE INDEX idx_events_type_position ON events (type, position);
CREATE TRIGGER refuse_rewriting BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
REVOKE UPDATE, DELETE, TRUNCATE ON events FROM plimsoll_owner;
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY events_of_the_actor ON events FOR SELECT TO plimsoll_app
    USING (user_id = (SELECT nullif(current_setting('app.actor', true), '')::uuid));
CREATE POLICY events_for_workers ON events FOR SELECT TO plimsoll_worker USING (true);
CREATE POLICY events_for_the_owner ON events TO plimsoll_owner USING (true) WITH CHECK (true);
GRANT SELECT ON events TO plimsoll_app, plimsoll_worker;
"""

# A commit could have one key, that of all its facts: the keys of group commits are lost.
KEYS_IN_COMMITS = """
ALTER TABLE commits ADD COLUMN idempotency_key uuid, ADD COLUMN fingerprint bytea;
ALTER TABLE commits DISABLE TRIGGER refuse_rewriting;
GRANT UPDATE ON commits TO plimsoll_owner;
UPDATE commits SET idempotency_key = key, fingerprint = append_keys.fingerprint
    FROM append_keys
    WHERE append_keys.first_position = commits.first_position AND append_keys.event_count = commits.event_count;
REVOKE UPDATE ON commits FROM plimsoll_owner;
ALTER TABLE commits ENABLE TRIGGER refuse_rewriting;
ALTER TABLE commits
    ADD CONSTRAINT ck_commits_fingerprint CHECK ((idempotency_key IS NULL) = (fingerprint IS NULL));
CREATE UNIQUE INDEX idx_commits_idempotency_key ON commits (idempotency_key);
DROP TABLE append_keys;
"""

OLD_APPEND = run_path(str(Path(__file__).with_name("0001_event_log.py")))["APPEND"]
