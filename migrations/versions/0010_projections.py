"""Versions of projections: a new one is built beside the old, then put in its place"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FOLDED = ("users", "wallets", "signals", "alerts", "deliveries", "intents", "operators")


def upgrade() -> None:
    op.execute(PROJECTIONS)
    for table in FOLDED:  # the functions below are the owner's, who is held to the policies like everybody
        op.execute(f"CREATE POLICY {table}_rebuilt_by_the_owner ON {table} TO plimsoll_owner USING (true)")
    for part in (TABLES, BUILDING, SWITCHING):
        op.execute(part)


def downgrade() -> None:
    op.execute(DOWN)
    for table in FOLDED:
        op.execute(f"DROP POLICY {table}_rebuilt_by_the_owner ON {table}")


PROJECTIONS = """
CREATE TABLE projections (
    name text NOT NULL,
    version bigint NOT NULL,
    state text NOT NULL,
    position bigint NOT NULL,
    code bytea NOT NULL,
    changed bigint,
    begun_at timestamptz NOT NULL DEFAULT now(),
    switched_at timestamptz,
    CONSTRAINT pk_projections PRIMARY KEY (name, version),
    CONSTRAINT ck_projections_name CHECK (name IN ('user', 'signal', 'alert', 'delivery', 'intent', 'operator')),
    CONSTRAINT ck_projections_version CHECK (version > 1),
    CONSTRAINT ck_projections_state CHECK (state IN ('building', 'in_service', 'retired')),
    CONSTRAINT ck_projections_position CHECK (position >= 0),
    CONSTRAINT ck_projections_switched_at CHECK ((state = 'building') = (switched_at IS NULL))
);
COMMENT ON TABLE projections IS
    'Rebuilt versions of the state tables; the first version, written with the facts themselves, is not listed.';
COMMENT ON COLUMN projections.code IS 'SHA-256 of the code that folds: only the same code goes on where it stopped.';
COMMENT ON COLUMN projections.changed IS 'Rows that were not what the fold gave when the version took over.';
CREATE UNIQUE INDEX idx_projections_name_building ON projections (name) WHERE state = 'building';
GRANT SELECT ON projections TO plimsoll_worker;
"""

TABLES = """
CREATE FUNCTION tables_of_projection(given text) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp
AS $$
    SELECT CASE given
        WHEN 'user' THEN ARRAY['users', 'wallets'] WHEN 'signal' THEN ARRAY['signals'] WHEN 'alert' THEN ARRAY['alerts']
        WHEN 'delivery' THEN ARRAY['deliveries'] WHEN 'intent' THEN ARRAY['intents']
        WHEN 'operator' THEN ARRAY['operators']
    END
$$;

-- What the fold fills: neither when a row was written, nor who is at work on it.
CREATE FUNCTION folded_columns(part text, side text DEFAULT '') RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    SELECT string_agg(side || quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = part::regclass AND attnum > 0 AND NOT attisdropped
        AND attname NOT IN ('updated_at', 'claimed_until') AND NOT (attname = 'created_at' AND atthasdef)
$$;
"""

# A table for each real one, with the same columns and key: only workers reach it, and nothing refers to it.
BUILDING = """
CREATE FUNCTION begin_rebuild(given text, given_code bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    part text;
    known projections;
BEGIN
    SELECT * INTO known FROM projections WHERE name = given AND state = 'building';
    IF known.code = given_code THEN
        RETURN known.position;
    END IF;
    PERFORM drop_rebuild(given);
    FOREACH part IN ARRAY tables_of_projection(given) LOOP
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS)', 'rebuilt_' || part, part);
        EXECUTE format(
            'ALTER TABLE %I ADD CONSTRAINT %I PRIMARY KEY (%s)', 'rebuilt_' || part, 'pk_rebuilt_' || part,
            CASE part WHEN 'wallets' THEN 'user_id, address' ELSE 'id' END
        );
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', 'rebuilt_' || part);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', 'rebuilt_' || part);
        EXECUTE format(
            'CREATE POLICY %I ON %I TO plimsoll_worker, plimsoll_owner USING (true)',
            'rebuilt_' || part || '_for_workers', 'rebuilt_' || part
        );
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO plimsoll_worker', 'rebuilt_' || part);
    END LOOP;
    INSERT INTO projections (name, version, state, position, code)
    SELECT given, coalesce(max(version), 1) + 1, 'building', 0, given_code FROM projections WHERE name = given;
    RETURN 0;
END $$;

CREATE FUNCTION reach_rebuild(given text, given_position bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ UPDATE projections SET position = given_position WHERE name = given AND state = 'building' $$;

CREATE FUNCTION drop_rebuild(given text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    part text;
BEGIN
    FOREACH part IN ARRAY tables_of_projection(given) LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I', 'rebuilt_' || part);
    END LOOP;
    DELETE FROM projections WHERE name = given AND state = 'building';
    RETURN FOUND;
END $$;

GRANT EXECUTE ON FUNCTION begin_rebuild, reach_rebuild, drop_rebuild TO plimsoll_worker;
"""

# The new version takes over in one transaction. First nobody may write to the tables (everybody reads on): whoever had
# begun to is waited for, so that from then on the log holds every fact of theirs. Then, once the rest of the log is
# folded, the rows that are not what the fold gave are put right. Tables, rights, policies, indexes, triggers and
# references stay what they are, because only rows change.
SWITCHING = """
CREATE FUNCTION hold_projections(given text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    one text;
    part text;
BEGIN
    FOREACH one IN ARRAY given LOOP
        FOREACH part IN ARRAY tables_of_projection(one) LOOP
            EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', part);
        END LOOP;
    END LOOP;
END $$;

CREATE FUNCTION switch_projections(given text[], given_position bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    one text;
    part text;
    key text;
    parts text[];
    of_one bigint;
    by_name jsonb := '{}';
BEGIN
    PERFORM hold_projections(given);
    -- Rows that nothing tells of go first, those that refer to others before those.
    FOREACH one IN ARRAY ARRAY(SELECT name FROM unnest(given) WITH ORDINALITY AS of(name, nth) ORDER BY nth DESC) LOOP
        parts := tables_of_projection(one);
        by_name := by_name || jsonb_build_object(one, 0);
        FOREACH part IN ARRAY ARRAY(SELECT name FROM unnest(parts) WITH ORDINALITY AS of(name, nth) ORDER BY nth DESC)
        LOOP
            key := CASE part WHEN 'wallets' THEN 'old.user_id = new.user_id AND old.address = new.address'
                ELSE 'old.id = new.id' END;
            EXECUTE format(
                'DELETE FROM %1$I AS old WHERE NOT EXISTS (SELECT FROM %2$I AS new WHERE %3$s)',
                part, 'rebuilt_' || part, key
            );
            GET DIAGNOSTICS of_one = ROW_COUNT;
            by_name := jsonb_set(by_name, ARRAY[one], to_jsonb((by_name ->> one)::bigint + of_one));
        END LOOP;
    END LOOP;
    FOREACH one IN ARRAY given LOOP
        FOREACH part IN ARRAY tables_of_projection(one) LOOP
            key := CASE part WHEN 'wallets' THEN 'old.user_id = new.user_id AND old.address = new.address'
                ELSE 'old.id = new.id' END;
            EXECUTE format(
                'UPDATE %1$I AS old SET (%4$s) = ROW(%5$s) FROM %2$I AS new '
                'WHERE %3$s AND ROW(%6$s) IS DISTINCT FROM ROW(%5$s)',
                part, 'rebuilt_' || part, key, folded_columns(part), folded_columns(part, 'new.'),
                folded_columns(part, 'old.')
            );
            GET DIAGNOSTICS of_one = ROW_COUNT;
            by_name := jsonb_set(by_name, ARRAY[one], to_jsonb((by_name ->> one)::bigint + of_one));
            EXECUTE format(
                'INSERT INTO %1$I (%4$s) SELECT %5$s FROM %2$I AS new '
                'WHERE NOT EXISTS (SELECT FROM %1$I AS old WHERE %3$s)',
                part, 'rebuilt_' || part, key, folded_columns(part), folded_columns(part, 'new.')
            );
            GET DIAGNOSTICS of_one = ROW_COUNT;
            by_name := jsonb_set(by_name, ARRAY[one], to_jsonb((by_name ->> one)::bigint + of_one));
            EXECUTE format('DROP TABLE %I', 'rebuilt_' || part);
        END LOOP;
        UPDATE projections SET state = 'retired' WHERE name = one AND state = 'in_service';
        UPDATE projections
        SET state = 'in_service', position = given_position, changed = (by_name ->> one)::bigint, switched_at = now()
        WHERE name = one AND state = 'building';
        IF NOT FOUND THEN
            RAISE no_data_found USING MESSAGE = 'No new version of this projection is being built.';
        END IF;
    END LOOP;
    RETURN (SELECT coalesce(sum(value::bigint), 0) FROM jsonb_each_text(by_name));
END $$;

GRANT EXECUTE ON FUNCTION hold_projections, switch_projections TO plimsoll_worker;
"""

DOWN = """
SELECT drop_rebuild(name) FROM projections WHERE state = 'building';
DROP FUNCTION switch_projections, hold_projections, drop_rebuild, reach_rebuild, begin_rebuild, folded_columns,
    tables_of_projection;
DROP TABLE projections;
"""
