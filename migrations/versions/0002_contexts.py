"""The contexts: users, positions, signals, alerts, intents, and what serves them"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ADDRESS = "'^0x[0-9a-f]{40}$'"
AMOUNT = "numeric(78, 18)"  # the digits of a uint256, and the finest unit that contracts count in

# Table by table: what the HTTP server may do with its actor's rows, and what a worker with everybody's.
RIGHTS = {
    "users": ("SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE"),
    "wallets": ("SELECT, INSERT, DELETE", "SELECT, INSERT, DELETE"),
    "sessions": ("SELECT, INSERT, UPDATE", "SELECT, UPDATE, DELETE"),
    "contact_codes": ("SELECT, INSERT, UPDATE, DELETE", "SELECT, UPDATE, DELETE"),
    "idempotency_keys": ("SELECT, INSERT, UPDATE, DELETE", "SELECT, DELETE"),
    "positions": ("SELECT", "SELECT, INSERT"),
    "stakes": ("SELECT", "SELECT, INSERT, UPDATE"),
    "signals": ("SELECT, UPDATE", "SELECT, INSERT, UPDATE"),
    "rules": ("SELECT", "SELECT, INSERT"),
    "rules_in_force": ("SELECT", "SELECT, INSERT, UPDATE, DELETE"),
    "watches": ("SELECT", "SELECT, INSERT, UPDATE"),
    "alerts": ("SELECT, UPDATE", "SELECT, INSERT, UPDATE"),
    "deliveries": ("SELECT", "SELECT, INSERT, UPDATE"),
    "intents": ("SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE"),
}
CHANGING = [
    name for name in (*RIGHTS, "liquidation_cursors") if name not in {"positions", "rules", "wallets"}
]
READ_BY_THE_OWNER = {"users", "sessions", "positions"}  # by the functions below


def upgrade() -> None:
    op.execute(TOUCH)
    for part in (IDENTITY, POSITIONS, SIGNALS, ALERTS, INTENTS):
        op.execute(part)
    for table in CHANGING:
        op.execute(
            f"CREATE TRIGGER touch BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION touch_updated_at()"
        )
    for table, (app, worker) in RIGHTS.items():
        protect(table, app, worker)
    op.execute("GRANT SELECT, INSERT, UPDATE ON liquidation_cursors TO plimsoll_worker")
    for part in (PARTITIONS, STRANGERS, LEAVES):
        op.execute(part)


def downgrade() -> None:
    op.execute(DOWN)


def protect(table: str, app: str, worker: str) -> None:
    """Show the HTTP server its actor's rows alone, and workers all; the owner too is held to the policies."""
    owner = "id" if table == "users" else "user_id"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY {table}_of_the_actor ON {table} TO plimsoll_app "
        f"USING ({owner} = (SELECT nullif(current_setting('app.actor', true), '')::uuid))"
    )
    op.execute(f"CREATE POLICY {table}_for_workers ON {table} TO plimsoll_worker USING (true)")
    if table in READ_BY_THE_OWNER:
        op.execute(
            f"CREATE POLICY {table}_for_the_owner ON {table} FOR SELECT TO plimsoll_owner USING (true)"
        )
    op.execute(f"GRANT {app} ON {table} TO plimsoll_app")
    op.execute(f"GRANT {worker} ON {table} TO plimsoll_worker")


TOUCH = """
CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END $$;
"""

IDENTITY = f"""
CREATE TABLE users (
    id uuid CONSTRAINT pk_users PRIMARY KEY,
    wallet_address text NOT NULL,
    preferences jsonb NOT NULL,
    telegram_chat_id text,
    email text,
    registered_at timestamptz NOT NULL,
    deleted_at timestamptz,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_users_wallet_address CHECK (wallet_address ~ {ADDRESS}),
    CONSTRAINT ck_users_version CHECK (version > 0)
);
CREATE UNIQUE INDEX idx_users_wallet_address ON users (wallet_address) WHERE deleted_at IS NULL;

CREATE TABLE wallets (
    user_id uuid NOT NULL,
    address text NOT NULL,
    label text NOT NULL,
    linked_at timestamptz NOT NULL,
    linked_version bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_wallets PRIMARY KEY (user_id, address),
    CONSTRAINT fk_wallets_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT ck_wallets_address CHECK (address ~ {ADDRESS})
);
COMMENT ON COLUMN wallets.linked_version IS 'The user''s version that linked it: wallets are listed in this order.';
CREATE INDEX idx_wallets_address ON wallets (address);

CREATE TABLE sessions (
    token_hash bytea CONSTRAINT pk_sessions PRIMARY KEY,
    user_id uuid NOT NULL,
    name text NOT NULL,
    opened_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    closed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT fk_sessions_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT ck_sessions_token_hash CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX idx_sessions_user_id_opened_at ON sessions (user_id, opened_at DESC);

CREATE TABLE sign_in_nonces (
    nonce text CONSTRAINT pk_sign_in_nonces PRIMARY KEY,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX idx_sign_in_nonces_expires_at ON sign_in_nonces (expires_at);

CREATE TABLE contact_codes (
    user_id uuid NOT NULL,
    channel text NOT NULL,
    code_hash bytea NOT NULL,
    contact text NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_contact_codes PRIMARY KEY (user_id, channel),
    CONSTRAINT fk_contact_codes_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT ck_contact_codes_code_hash CHECK (octet_length(code_hash) = 32)
);
CREATE INDEX idx_contact_codes_code_hash_channel ON contact_codes (code_hash, channel);

CREATE TABLE idempotency_keys (
    user_id uuid NOT NULL DEFAULT nullif(current_setting('app.actor', true), '')::uuid,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    claimed_until timestamptz NOT NULL,
    status smallint,
    headers jsonb,
    body bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (user_id, key),
    CONSTRAINT fk_idempotency_keys_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT ck_idempotency_keys_answer CHECK (num_nulls(status, headers, body) IN (0, 3))
);
CREATE INDEX idx_idempotency_keys_created_at ON idempotency_keys (created_at);
"""

POSITIONS = f"""
CREATE TABLE positions (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    wallet_address text NOT NULL,
    protocol text NOT NULL,
    chain_id bigint NOT NULL DEFAULT 1,
    market text NOT NULL,
    status text NOT NULL,
    reason text,
    health_factor {AMOUNT},
    collateral jsonb NOT NULL DEFAULT '[]',
    debt jsonb NOT NULL DEFAULT '[]',
    metadata jsonb NOT NULL DEFAULT '{{}}',
    snapshot_at timestamptz NOT NULL,
    observed_at timestamptz NOT NULL,
    batch_id uuid NOT NULL,
    block_number bigint NOT NULL,
    block_hash text NOT NULL,
    observation bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_positions PRIMARY KEY (id, snapshot_at),
    CONSTRAINT fk_positions_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT ck_positions_wallet_address CHECK (wallet_address ~ {ADDRESS}),
    CONSTRAINT ck_positions_protocol CHECK (protocol IN ('aave_v3')),
    CONSTRAINT ck_positions_status CHECK (status IN ('known', 'unknown')),
    CONSTRAINT ck_positions_reason CHECK ((status = 'unknown') = (reason IS NOT NULL))
) PARTITION BY RANGE (snapshot_at);
COMMENT ON COLUMN positions.snapshot_at IS 'The block''s time: when the position stood so on chain.';
COMMENT ON COLUMN positions.observation IS
    'The exact bytes that the batch''s Merkle root covers; all else is drawn from them.';
CREATE TABLE positions_default PARTITION OF positions DEFAULT;
CREATE INDEX idx_positions_user_id_snapshot_at ON positions (user_id, snapshot_at DESC, id DESC);
CREATE INDEX idx_positions_wallet_address_protocol ON positions (wallet_address, protocol);
CREATE INDEX idx_positions_batch_id ON positions (batch_id);
CREATE INDEX idx_positions_stake
    ON positions (user_id, wallet_address, chain_id, protocol, market, snapshot_at DESC, id DESC);
CREATE TRIGGER refuse_rewriting BEFORE UPDATE OR TRUNCATE ON positions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

CREATE TABLE stakes (
    user_id uuid NOT NULL,
    wallet_address text NOT NULL,
    chain_id bigint NOT NULL,
    protocol text NOT NULL,
    market text NOT NULL,
    gone_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_stakes PRIMARY KEY (user_id, wallet_address, chain_id, protocol, market),
    CONSTRAINT fk_stakes_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
COMMENT ON TABLE stakes IS
    'Which wallets have ever been seen in which markets; gone_at when the market last said: nothing there.';
CREATE INDEX idx_stakes_wallet_address_chain_id ON stakes (wallet_address, chain_id) WHERE gone_at IS NULL;

CREATE TABLE liquidation_cursors (
    chain_id bigint CONSTRAINT pk_liquidation_cursors PRIMARY KEY,
    block_number bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_liquidation_cursors_block_number CHECK (block_number >= 0)
);
"""

TYPES = "('health_factor_low', 'health_factor_critical', 'position_liquidated', 'price_move')"
SEVERITIES = "('low', 'medium', 'high', 'critical')"
CHANNELS = "('in_app', 'telegram', 'email')"

SIGNALS = f"""
CREATE TABLE signals (
    id uuid CONSTRAINT pk_signals PRIMARY KEY,
    user_id uuid NOT NULL,
    wallet_address text NOT NULL,
    chain_id bigint NOT NULL,
    protocol text NOT NULL,
    market text NOT NULL,
    type text NOT NULL,
    asset text NOT NULL,
    severity text NOT NULL,
    data jsonb NOT NULL,
    rule_version bigint NOT NULL,
    source text NOT NULL,
    detected_at timestamptz NOT NULL,
    expires_at timestamptz,
    ended_at timestamptz,
    status text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT fk_signals_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT ck_signals_type CHECK (type IN {TYPES}),
    CONSTRAINT ck_signals_severity CHECK (severity IN {SEVERITIES}),
    CONSTRAINT ck_signals_status CHECK (status IN ('active', 'expired', 'acknowledged')),
    CONSTRAINT ck_signals_version CHECK (version > 0)
);
CREATE INDEX idx_signals_type_detected_at ON signals (type, detected_at DESC);
CREATE INDEX idx_signals_asset_status ON signals (asset, status);
CREATE INDEX idx_signals_status_detected_at ON signals (status, detected_at DESC);
CREATE INDEX idx_signals_user_id_detected_at ON signals (user_id, detected_at DESC, id DESC);
CREATE INDEX idx_signals_expires_at ON signals (expires_at) WHERE status <> 'expired';

CREATE TABLE rules (
    user_id uuid NOT NULL,
    version bigint NOT NULL,
    body jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_rules PRIMARY KEY (user_id, version),
    CONSTRAINT fk_rules_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE rules_in_force (
    user_id uuid CONSTRAINT pk_rules_in_force PRIMARY KEY,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT fk_rules_in_force_rules FOREIGN KEY (user_id, version)
        REFERENCES rules (user_id, version) ON DELETE CASCADE
);

CREATE TABLE watches (
    user_id uuid NOT NULL,
    chain_id bigint NOT NULL,
    protocol text NOT NULL,
    market text NOT NULL,
    wallet_address text NOT NULL,
    state jsonb NOT NULL,
    has_episode boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_watches PRIMARY KEY (user_id, chain_id, protocol, market, wallet_address),
    CONSTRAINT fk_watches_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX idx_watches_wallet_address_chain_id ON watches (wallet_address, chain_id) WHERE has_episode;
"""

ALERTS = f"""
CREATE TABLE alerts (
    id uuid CONSTRAINT pk_alerts PRIMARY KEY,
    user_id uuid NOT NULL,
    signal_id uuid,
    wallet_address text NOT NULL,
    chain_id bigint NOT NULL,
    protocol text NOT NULL,
    market text NOT NULL,
    type text NOT NULL,
    severity text NOT NULL,
    channels text[] NOT NULL,
    message text NOT NULL,
    metadata jsonb NOT NULL,
    rule_version bigint NOT NULL,
    status text NOT NULL,
    sent_at timestamptz,
    acknowledged_at timestamptz,
    resolved_at timestamptz,
    all_clear text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT fk_alerts_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT fk_alerts_signals FOREIGN KEY (signal_id) REFERENCES signals (id) ON DELETE SET NULL,
    CONSTRAINT ck_alerts_type CHECK (type IN {TYPES}),
    CONSTRAINT ck_alerts_severity CHECK (severity IN {SEVERITIES}),
    CONSTRAINT ck_alerts_channels CHECK (channels <@ ARRAY['in_app', 'telegram', 'email']),
    CONSTRAINT ck_alerts_status CHECK (status IN ('pending', 'sent', 'failed', 'acknowledged', 'resolved')),
    CONSTRAINT ck_alerts_version CHECK (version > 0)
);
COMMENT ON COLUMN alerts.created_at IS 'When the alert was raised.';
CREATE UNIQUE INDEX idx_alerts_signal_id ON alerts (signal_id);
CREATE INDEX idx_alerts_user_id_status_created_at ON alerts (user_id, status, created_at DESC);
CREATE INDEX idx_alerts_status_created_at ON alerts (status, created_at DESC);
CREATE INDEX idx_alerts_user_id_created_at ON alerts (user_id, created_at DESC, id DESC);
CREATE INDEX idx_alerts_subject ON alerts (user_id, wallet_address, chain_id) WHERE resolved_at IS NULL;

CREATE TABLE deliveries (
    id uuid CONSTRAINT pk_deliveries PRIMARY KEY,
    alert_id uuid NOT NULL,
    user_id uuid NOT NULL,
    channel text NOT NULL,
    purpose text NOT NULL,
    attempt integer NOT NULL,
    due_at timestamptz NOT NULL,
    planned_at timestamptz NOT NULL,
    status text NOT NULL,
    receipt jsonb,
    reason text,
    settled_at timestamptz,
    version bigint NOT NULL,
    claimed_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT fk_deliveries_alerts FOREIGN KEY (alert_id) REFERENCES alerts (id) ON DELETE CASCADE,
    CONSTRAINT fk_deliveries_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT ck_deliveries_channel CHECK (channel IN {CHANNELS}),
    CONSTRAINT ck_deliveries_purpose CHECK (purpose IN ('alarm', 'all_clear')),
    CONSTRAINT ck_deliveries_attempt CHECK (attempt > 0),
    CONSTRAINT ck_deliveries_status
        CHECK (status IN ('pending', 'delivered', 'failed', 'unconfirmed', 'withdrawn')),
    CONSTRAINT ck_deliveries_settled_at CHECK ((status = 'pending') = (settled_at IS NULL)),
    CONSTRAINT ck_deliveries_version CHECK (version > 0)
);
CREATE UNIQUE INDEX idx_deliveries_alert_id_channel_purpose_attempt
    ON deliveries (alert_id, channel, purpose, attempt);
CREATE INDEX idx_deliveries_free_at ON deliveries (coalesce(claimed_until, due_at), id) WHERE status = 'pending';
CREATE INDEX idx_deliveries_user_id_planned_at ON deliveries (user_id, planned_at DESC);
"""

INTENTS = f"""
CREATE TABLE intents (
    id uuid CONSTRAINT pk_intents PRIMARY KEY,
    user_id uuid NOT NULL,
    wallet_address text NOT NULL,
    chain_id bigint NOT NULL,
    health_factor_below numeric NOT NULL,
    action text NOT NULL,
    asset text NOT NULL,
    amount {AMOUNT} NOT NULL,
    terms jsonb NOT NULL,
    status text NOT NULL,
    proposed_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT fk_intents_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT ck_intents_action CHECK (action IN ('repay', 'supply')),
    CONSTRAINT ck_intents_amount CHECK (amount > 0),
    CONSTRAINT ck_intents_status CHECK (status IN (
        'proposed', 'armed', 'triggered', 'submitted', 'unconfirmed', 'settled', 'failed', 'expired', 'cancelled'
    )),
    CONSTRAINT ck_intents_version CHECK (version > 0)
);
CREATE INDEX idx_intents_user_id_proposed_at ON intents (user_id, proposed_at DESC, id DESC);
CREATE INDEX idx_intents_wallet_address_chain_id ON intents (wallet_address, chain_id) WHERE status = 'armed';
"""

# Nobody but the owner has any right to a partition itself: rows are reached through the policies of the whole.
PARTITIONS = """
CREATE FUNCTION ensure_position_partitions(through date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC'
AS $$
DECLARE
    month timestamptz := date_trunc('month', now());
    beyond timestamptz;
    part text;
    made integer := 0;
BEGIN
    IF through > now() + interval '2 years' THEN
        RAISE invalid_parameter_value USING MESSAGE = 'Partitions are made for two years ahead at most.';
    END IF;
    PERFORM pg_advisory_xact_lock(1347177732);
    WHILE month <= through LOOP
        beyond := month + interval '1 month';
        part := 'positions_' || to_char(month, 'YYYY_MM');
        IF to_regclass(part) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE positions INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
            EXECUTE format(
                'WITH moved AS (DELETE FROM positions_default WHERE snapshot_at >= %L AND snapshot_at < %L '
                'RETURNING *) INSERT INTO %I SELECT * FROM moved', month, beyond, part
            );
            EXECUTE format(
                'ALTER TABLE positions ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', part, month, beyond
            );
            made := made + 1;
        END IF;
        month := beyond;
    END LOOP;
    RETURN made;
END $$;
GRANT EXECUTE ON FUNCTION ensure_position_partitions TO plimsoll_worker;
SELECT ensure_position_partitions((now() + interval '3 months')::date);
"""

# What must be found before anybody knows who asks.
STRANGERS = """
CREATE FUNCTION issue_nonce(given text, at timestamptz, until timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    DELETE FROM sign_in_nonces WHERE nonce IN (
        SELECT old.nonce FROM sign_in_nonces AS old WHERE old.expires_at <= at
        ORDER BY old.expires_at LIMIT 100 FOR UPDATE SKIP LOCKED
    );
    INSERT INTO sign_in_nonces (nonce, issued_at, expires_at) VALUES (given, at, until);
$$;

CREATE FUNCTION spend_nonce(given text, at timestamptz) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH spent AS (DELETE FROM sign_in_nonces WHERE nonce = given RETURNING expires_at)
    SELECT coalesce((SELECT expires_at > at FROM spent), false);
$$;

CREATE FUNCTION user_of_wallet(given text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT id FROM users WHERE wallet_address = given AND deleted_at IS NULL $$;

CREATE FUNCTION holder_of_token(given bytea, at timestamptz) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT users.id FROM sessions JOIN users ON users.id = sessions.user_id
    WHERE token_hash = given AND closed_at IS NULL AND expires_at > at AND deleted_at IS NULL
$$;

GRANT EXECUTE ON FUNCTION issue_nonce, spend_nonce, user_of_wallet, holder_of_token TO plimsoll_app, plimsoll_worker;
"""

# Lets whoever sees a part of a batch hold it against the root of the whole, and learn nothing of the rest but its size.
LEAVES = """
CREATE FUNCTION leaves_of_batch(given_batch uuid, given_time timestamptz) RETURNS TABLE (id uuid, leaf bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT id, sha256('\\x00'::bytea || uuid_send(id) || uuid_send(user_id) || observation)
    FROM positions WHERE batch_id = given_batch AND snapshot_at = given_time
$$;
GRANT EXECUTE ON FUNCTION leaves_of_batch TO plimsoll_app, plimsoll_worker;
"""

DOWN = """
DROP FUNCTION leaves_of_batch, holder_of_token, user_of_wallet, spend_nonce, issue_nonce, ensure_position_partitions;
DROP TABLE intents, deliveries, alerts, watches, rules_in_force, rules, signals, liquidation_cursors, stakes, positions,
    idempotency_keys, contact_codes, sign_in_nonces, sessions, wallets, users;
DROP FUNCTION touch_updated_at;
"""
