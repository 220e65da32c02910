from typing import LiteralString

import psycopg

from adapters.postgres.urls import conninfo

_PARTS: dict[str, LiteralString] = {
    "tables": """
        SELECT oid::regclass::text, relkind::text, pg_get_userbyid(relowner), relrowsecurity, relforcerowsecurity,
            reloptions::text, (SELECT array_agg(item::text ORDER BY item::text) FROM unnest(relacl) AS item)::text
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S', 'v', 'c')""",
    "columns": """
        SELECT attrelid::regclass::text, attname::text, format_type(atttypid, atttypmod), attnotnull,
            pg_get_expr(adbin, adrelid), attacl::text, attidentity::text
        FROM pg_attribute
        JOIN pg_class
            ON pg_class.oid = attrelid AND relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'c')
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE attnum > 0 AND NOT attisdropped""",
    "indexes": "SELECT indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraints": """
        SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "functions": """
        SELECT oid::regprocedure::text, pg_get_functiondef(oid), pg_get_userbyid(proowner),
            (SELECT array_agg(item::text ORDER BY item::text) FROM unnest(proacl) AS item)::text
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
    "triggers": "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "policies": """
        SELECT tablename::text, policyname::text, roles::text, cmd, qual, with_check
        FROM pg_policies WHERE schemaname = 'public'""",
    "types": """
        SELECT typname::text, enumlabel::text FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid""",
    "default rights": "SELECT defaclrole::regrole::text, defaclobjtype::text, defaclacl::text FROM pg_default_acl",
}


def schema_of(url: str) -> set[tuple[object, ...]]:
    """Describe everything that migrations make in a database, so that two descriptions can be compared."""
    with psycopg.connect(conninfo(url)) as connection:
        return {
            (part, *row) for part, query in _PARTS.items() for row in connection.execute(query).fetchall()
        }
