"""The queue of jobs: procrastinate's own schema"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    op.execute(RIGHTS)


def downgrade() -> None:
    op.execute(DOWN)


# The HTTP server may ask for work and nothing else, so the function that takes it in acts as the owner.
RIGHTS = """
ALTER FUNCTION procrastinate_defer_jobs_v1 SECURITY DEFINER SET search_path = public, pg_temp;
GRANT EXECUTE ON FUNCTION procrastinate_defer_jobs_v1 TO plimsoll_app;

DO $$
DECLARE
    found text;
BEGIN
    FOR found IN
        SELECT oid::regprocedure::text FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND starts_with(proname, 'procrastinate_')
    LOOP
        EXECUTE 'GRANT EXECUTE ON FUNCTION ' || found || ' TO plimsoll_worker';
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers, procrastinate_workers
    TO plimsoll_worker;
GRANT USAGE
    ON SEQUENCE procrastinate_jobs_id_seq, procrastinate_events_id_seq, procrastinate_periodic_defers_id_seq,
        procrastinate_workers_id_seq
    TO plimsoll_worker;
"""

DOWN = """
DO $$
DECLARE
    found text;
BEGIN
    DROP TABLE procrastinate_periodic_defers, procrastinate_events, procrastinate_jobs, procrastinate_workers CASCADE;
    FOR found IN
        SELECT oid::regprocedure::text FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND starts_with(proname, 'procrastinate_')
    LOOP
        EXECUTE 'DROP FUNCTION ' || found;
    END LOOP;
    DROP TYPE procrastinate_job_to_defer_v1, procrastinate_job_event_type, procrastinate_job_status;
END $$;
"""
