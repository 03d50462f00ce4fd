"""A role that may create in the backend's schema, and leaves what would take others' rights there.

Each bait fits the types of the backend's columns better than what Postgres has: a statement that
looks for names in the backend's schema calls it, with the rights of the one who runs the statement.
"""

from dataclasses import replace

from deploy.sandbox.database_login import Login
from deploy.sandbox.postgres import Postgres

__all__ = ["leave_baits", "taken_by"]

_ROLE = "intruder"
_BAITS = """
CREATE TABLE public.taken (by text, bait text);
GRANT INSERT, SELECT ON public.taken TO PUBLIC;
CREATE FUNCTION public.take(bait text) RETURNS void LANGUAGE sql AS
    'INSERT INTO public.taken VALUES (current_user, bait)';
DO $do$
DECLARE
    op text;
    types text[];
    made text;
BEGIN
    FOREACH op IN ARRAY ARRAY['=', '<>'] LOOP
        FOREACH types SLICE 1 IN ARRAY ARRAY[
            ['varchar', 'varchar'], ['varchar', 'text'], ['text', 'varchar'], ['name', 'varchar'],
            ['varchar', 'name']
        ] LOOP
            made := format('public.%I', 'bait ' || op || types[1] || types[2]);
            EXECUTE format(
                'CREATE FUNCTION %s(l %s, r %s) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN'
                ' PERFORM public.take(%L); RETURN l::text OPERATOR(pg_catalog.%s) r::text; END $$',
                made, types[1], types[2], op, op);
            EXECUTE format('CREATE OPERATOR public.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = %s)',
                           op, types[1], types[2], made);
        END LOOP;
    END LOOP;
    FOREACH types SLICE 1 IN ARRAY ARRAY[
        ['left', 'varchar, integer', 'text'], ['length', 'varchar', 'integer'],
        ['octet_length', 'varchar', 'integer'], ['convert_to', 'varchar, name', 'bytea'],
        ['to_jsonb', 'timestamptz', 'jsonb'], ['isfinite', 'timestamp', 'boolean'],
        ['json_populate_recordset', 'public.suggested_quality_checks, json',
         'SETOF public.suggested_quality_checks'],
        ['jsonb_populate_record', 'public.suggested_quality_checks, jsonb',
         'public.suggested_quality_checks'],
        ['to_jsonb', 'public.data_contract_schema_properties', 'jsonb'],
        ['to_jsonb', 'public.data_contract_quality_checks', 'jsonb']
    ] LOOP
        EXECUTE format(
            'CREATE FUNCTION public.%I(%s) RETURNS %s LANGUAGE plpgsql AS $$ BEGIN'
            ' PERFORM public.take(%L); RETURN %s; END $$',
            types[1], types[2], types[3], types[1],
            CASE WHEN types[3] LIKE 'SETOF %' THEN '' ELSE 'NULL' END);
    END LOOP;
END $do$;
"""


async def leave_baits(server: Postgres, database: str) -> None:
    """Leave the baits in schema public, which any role may create in from then on."""
    admin = await replace(server.admin, database=database).connect()
    try:
        if not await admin.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", _ROLE):
            await admin.execute(f"CREATE ROLE {_ROLE}")
        await admin.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
        await admin.execute(f"SET ROLE {_ROLE}; {_BAITS}")
    finally:
        await admin.close()


async def taken_by(login: Login) -> set[str]:
    """Return the baits that were called with the rights of a role."""
    connection = await login.connect()
    try:
        rows = await connection.fetch("SELECT by, bait FROM public.taken")
    finally:
        await connection.close()
    return {row["bait"] for row in rows if row["by"] == login.user}
