"""Large appends part by part, and the leaves of every commit"""

from pathlib import Path
from runpy import run_path

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for part in (LEAVES, NO_STAGE, OPEN, APPEND_PART, CONCLUDE, INDEXES):
        op.execute(part)
    op.execute(_with_leaves(OLD_APPEND))


def downgrade() -> None:
    for part in (DROP, OLD_INDEXES, OLD_APPEND, OLD_APPEND_LARGE):
        op.execute(part)


NO_STAGE = "DROP FUNCTION append_facts, append_staged_facts, stage_facts"

# A root says that one of a commit's facts was altered, and its leaves say which one: they are believed because they
# have that root. A commit of one fact has that fact's leaf for its root. Hashes do not compress.
LEAVES = """
ALTER TABLE commits
    ADD COLUMN leaves bytea,
    ADD CONSTRAINT ck_commits_leaves CHECK (octet_length(leaves) = 32 * event_count),
    ALTER COLUMN leaves SET STORAGE EXTERNAL;
"""

# A commit whose facts go in part by part, until its root is known: nobody but its own transaction ever sees the row.
# The transaction cannot end while it is there, so there is no fact without a commit that covers it.
OPEN = """
CREATE TABLE open_commits (
    first_position bigint NOT NULL,
    event_count bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    key uuid
);
COMMENT ON TABLE open_commits IS 'Empty, but in the eyes of whoever is appending part by part.';

CREATE FUNCTION refuse_open_commit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM open_commits) THEN
        RAISE integrity_constraint_violation USING MESSAGE = 'Facts were appended, and their commit was not concluded.';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER refuse_open_commit AFTER INSERT ON open_commits
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_open_commit();
"""

# The next facts of one caller's commit; the first part begins it and takes the lock. What `append_facts` says of
# waiting, reading and planning holds here. Where something speaks against the facts, nothing is written and `written`
# is false: the caller undoes what came before, and may ask `append_facts` why.
APPEND_PART = r"""
CREATE FUNCTION append_part(
    given_event_ids uuid[],
    given_streams uuid[],
    given_versions bigint[],
    given_kinds integer[],
    given_users uuid[],
    given_payloads bytea[],
    given_fingerprints bytea[],
    given_types text[],
    given_correlation uuid,
    given_key uuid,
    given_time timestamptz,
    OUT written boolean
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    for_actor boolean := NOT pg_has_role(session_user, 'plimsoll_worker', 'MEMBER');
    actor uuid := nullif(current_setting('app.actor', true), '')::uuid;
    total bigint := cardinality(given_event_ids);
    ids uuid[];
    lowests bigint[];
    highests bigint[];
    foremosts bigint[];
    sound boolean;
    begun record;
    place bigint;
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
    SELECT array_agg(stream_id), array_agg(lowest), array_agg(highest), array_agg(foremost),
        bool_and(highest - lowest + 1 = facts)
    INTO ids, lowests, highests, foremosts, sound
    FROM (
        SELECT stream_id, min(version) AS lowest, max(version) AS highest, min(n) AS foremost, count(*) AS facts
        FROM (
            SELECT unnest(given_streams) AS stream_id, unnest(given_versions) AS version,
                generate_series(1, total) AS n
        ) AS given
        GROUP BY stream_id
    ) AS per_stream;
    IF NOT coalesce(sound, false) THEN
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

    SELECT first_position + event_count AS beyond, recorded_at, key INTO begun FROM open_commits;
    IF begun IS NULL THEN
        place := coalesce((SELECT first_position + event_count FROM commits ORDER BY number DESC LIMIT 1), 1);
        written := NOT EXISTS (SELECT FROM append_keys WHERE key = given_key);
    ELSE
        IF begun.recorded_at <> given_time OR begun.key IS DISTINCT FROM given_key THEN
            RAISE check_violation USING MESSAGE = 'The facts of a commit are of one time and one key.';
        END IF;
        place := begun.beyond;
        written := true;
    END IF;
    written := written AND NOT EXISTS (
        SELECT FROM unnest(ids, lowests) AS wanted(id, lowest)
        WHERE coalesce((SELECT version FROM streams WHERE stream_id = wanted.id), 0) <> wanted.lowest - 1
    );
    IF NOT written THEN
        RETURN;
    END IF;
    IF (place - 2) / event_partition_size() <> (place + total - 2) / event_partition_size() THEN
        PERFORM ensure_event_partitions(place + total - 1);
    END IF;

    INSERT INTO events (
        position, stream_id, version, event_id, type, user_id, correlation_id, recorded_at, payload, fingerprint
    )
    SELECT n, stream_id, version, event_id, given_types[kind], user_id, given_correlation, given_time, payload,
        fingerprint
    FROM (
        SELECT generate_series(place, place + total - 1) AS n, unnest(given_streams) AS stream_id,
            unnest(given_versions) AS version, unnest(given_event_ids) AS event_id, unnest(given_kinds) AS kind,
            unnest(given_users) AS user_id, unnest(given_payloads) AS payload,
            unnest(given_fingerprints) AS fingerprint
    ) AS given;
    -- A new stream is known to be new: to look for the row once more in case it is not costs twice as much.
    INSERT INTO streams (stream_id, version, owner_id)
    SELECT id, highest, given_users[foremost]
    FROM unnest(ids, lowests, highests, foremosts) AS reached(id, lowest, highest, foremost) WHERE lowest = 1;
    INSERT INTO streams (stream_id, version)
    SELECT id, highest FROM unnest(ids, lowests, highests) AS reached(id, lowest, highest) WHERE lowest > 1
    ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version;
    IF begun IS NULL THEN
        INSERT INTO open_commits (first_position, event_count, recorded_at, key)
        VALUES (place, total, given_time, given_key);
    ELSE
        UPDATE open_commits SET event_count = event_count + total;
    END IF;
END $$;
GRANT EXECUTE ON FUNCTION append_part TO plimsoll_app, plimsoll_worker;
"""

CONCLUDE = """
CREATE FUNCTION conclude_append(
    given_count bigint, given_root bytea, given_leaves bytea, given_content bytea, OUT first_place bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    begun record;
    previous record;
    this_number bigint;
BEGIN
    DELETE FROM open_commits RETURNING first_position, event_count, recorded_at, key INTO begun;
    IF begun IS NULL OR begun.event_count <> given_count THEN
        RAISE check_violation USING MESSAGE = 'A commit is concluded with the root of all its facts.';
    END IF;
    SELECT number, recorded_at, chain INTO previous FROM commits ORDER BY number DESC LIMIT 1;
    this_number := coalesce(previous.number, 0) + 1;
    first_place := begun.first_position;
    INSERT INTO append_keys (key, fingerprint, first_position, event_count)
    SELECT begun.key, given_content, first_place, given_count WHERE begun.key IS NOT NULL;
    INSERT INTO commits (number, first_position, event_count, recorded_at, root, chain, leaves)
    VALUES (
        this_number, first_place, given_count, greatest(begun.recorded_at, previous.recorded_at), given_root,
        sha256(
            coalesce(previous.chain, decode(repeat('00', 32), 'hex'))
            || int8send(this_number) || int8send(first_place) || int8send(given_count) || given_root
        ),
        given_leaves
    );
    PERFORM pg_notify('plimsoll_facts', (first_place + given_count - 1)::text);
END $$;
GRANT EXECUTE ON FUNCTION conclude_append TO plimsoll_app, plimsoll_worker;
"""

# Nobody asks for the facts of nobody. And what the main loop records all the time need not be looked up by its name:
# whoever walks along the log meets it everywhere. The index is for what is rare. What one cause left is asked for
# seldom, and lies close together: it is enough to know in which megabytes.
INDEXES = """
DROP INDEX idx_events_user_id_position;
CREATE INDEX idx_events_user_id_position ON events (user_id, position) WHERE user_id IS NOT NULL;
DROP INDEX idx_events_type_position;
CREATE INDEX idx_events_type_position ON events (type, position) WHERE type NOT IN (
    'positions.observed.v1', 'signal.detected.v1', 'signal.cleared.v1', 'alert.raised.v1', 'alert.sent.v1',
    'alert.resolved.v1', 'delivery.planned.v1'
);
DROP INDEX idx_events_correlation_id_position;
CREATE INDEX idx_events_correlation_id ON events USING brin (correlation_id uuid_bloom_ops) WITH (autosummarize = on);
"""

DROP = """
DROP FUNCTION append_facts, append_part, conclude_append;
ALTER TABLE commits DROP COLUMN leaves;
DROP TABLE open_commits;
DROP FUNCTION refuse_open_commit;
"""

OLD_INDEXES = """
DROP INDEX idx_events_user_id_position;
CREATE INDEX idx_events_user_id_position ON events (user_id, position);
DROP INDEX idx_events_type_position;
CREATE INDEX idx_events_type_position ON events (type, position);
DROP INDEX idx_events_correlation_id;
CREATE INDEX idx_events_correlation_id_position ON events (correlation_id, position) WHERE correlation_id IS NOT NULL;
ALTER INDEX IF EXISTS events_from_1_user_id_position_idx RENAME TO idx_events_from_1_user_id_position;
ALTER INDEX IF EXISTS events_from_1_type_position_idx RENAME TO idx_events_from_1_type_position;
"""

_0005 = run_path(str(Path(__file__).with_name("0005_log_core.py")))
OLD_APPEND_LARGE = _0005["APPEND_LARGE"]
OLD_APPEND = _0005["APPEND"].partition("CREATE FUNCTION refused_appends")[0]


def _with_leaves(append: str) -> str:
    """Return the function with one thing more that is given, and stored in the commit's row."""
    for old, new in (
        ("    given_root bytea,\n", "    given_root bytea,\n    given_leaves bytea,\n"),
        ("recorded_at, root, chain)\n", "recorded_at, root, chain, leaves)\n"),
        ("        )\n    );\n    PERFORM", "        ),\n        given_leaves\n    );\n    PERFORM"),
    ):
        if append.count(old) != 1:
            raise AssertionError("Revision 0005 was changed.")
        append = append.replace(old, new)
    return append
