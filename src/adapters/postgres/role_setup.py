from typing import Final, cast

from psycopg import Connection as DriverConnection
from psycopg import sql
from sqlalchemy import Connection

from adapters.postgres.roles import APP, WORKER, password_of

# Roles belong to the whole server, so another database may have made them, or be making them at this moment.
_ROLES: Final = """
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['plimsoll_owner', 'plimsoll_app', 'plimsoll_worker'] LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = wanted);
        BEGIN
            IF wanted = 'plimsoll_owner' THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            ELSE
                EXECUTE format('CREATE ROLE %I LOGIN', wanted);
                EXECUTE format('ALTER ROLE %I SET search_path = public', wanted);
                EXECUTE format('ALTER ROLE %I SET timezone = ''UTC''', wanted);
                EXECUTE format('ALTER ROLE %I SET lock_timeout = ''10s''', wanted);
                EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''60s''', wanted);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
    IF EXISTS (
        SELECT FROM pg_roles
        WHERE rolname IN ('plimsoll_owner', 'plimsoll_app', 'plimsoll_worker') AND (rolsuper OR rolbypassrls)
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'A role of Plimsoll may pass row-level security by.';
    END IF;
    IF NOT pg_has_role(
        current_user,
        'plimsoll_owner',
        CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END
    ) THEN
        EXECUTE format('GRANT plimsoll_owner TO %I', current_user);
    END IF;
END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO plimsoll_owner;
GRANT USAGE ON SCHEMA public TO plimsoll_app, plimsoll_worker;
"""


def ensure_roles(connection: Connection) -> None:
    """Make the three roles where they are missing, and give those that log in their passwords.

    The connection is an administrator's; where it came in without a password, so do the roles (the embedded database).
    """
    driver = cast("DriverConnection", connection.connection.driver_connection)
    driver.execute(_ROLES.encode())
    admin_password = connection.engine.url.password
    if admin_password:
        for role in (APP, WORKER):
            _set_password(driver, role, password_of(role, admin_password))


def _set_password(driver: DriverConnection, role: str, password: str) -> None:
    # Encrypted on this side, so that no log of statements ever holds it.
    encrypted = driver.pgconn.encrypt_password(password.encode(), role.encode()).decode()
    driver.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(encrypted)))
