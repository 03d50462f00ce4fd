-- The backend's tables, as it creates them: a contract that the worker never alters.
-- Only the columns that matter to profiling are listed for data_contracts and the properties.

CREATE TABLE data_contracts (
    id          varchar PRIMARY KEY,
    name        varchar NOT NULL,
    kind        varchar NOT NULL DEFAULT 'DataContract',
    api_version varchar NOT NULL DEFAULT 'v3.0.2',
    version     varchar NOT NULL,
    status      varchar NOT NULL DEFAULT 'draft',
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE data_contract_schema_objects (
    id            varchar PRIMARY KEY,
    contract_id   varchar NOT NULL REFERENCES data_contracts(id) ON DELETE CASCADE,
    name          varchar NOT NULL,              -- the "schema name" a run asks for
    logical_type  varchar NOT NULL DEFAULT 'object',
    physical_name varchar,                       -- catalog.schema.table, or a path; may be NULL
    physical_type varchar,
    business_name varchar,
    description   text,
    tags          text,
    data_granularity_description text
);
CREATE INDEX ON data_contract_schema_objects (contract_id);

CREATE TABLE data_contract_schema_properties (
    id                 varchar PRIMARY KEY,
    object_id          varchar NOT NULL REFERENCES data_contract_schema_objects(id) ON DELETE CASCADE,
    parent_property_id varchar REFERENCES data_contract_schema_properties(id) ON DELETE CASCADE,
    name               varchar NOT NULL,         -- matched by name when a suggestion is accepted
    logical_type       varchar,
    physical_type      varchar,
    required           boolean NOT NULL DEFAULT false,
    "unique"           boolean NOT NULL DEFAULT false,
    primary_key        boolean NOT NULL DEFAULT false,
    partitioned        boolean NOT NULL DEFAULT false,
    primary_key_position   integer NOT NULL DEFAULT -1,
    partition_key_position integer NOT NULL DEFAULT -1,
    classification varchar,                      -- e.g. public, confidential, restricted, pii: free text
    examples       text,
    critical_data_element boolean NOT NULL DEFAULT false,
    logical_type_options_json text,
    business_name  varchar
);
CREATE INDEX ON data_contract_schema_properties (object_id);

-- Checks that the contract already has (an accepted suggestion becomes a row here).
CREATE TABLE data_contract_quality_checks (
    id          varchar PRIMARY KEY,
    object_id   varchar NOT NULL REFERENCES data_contract_schema_objects(id) ON DELETE CASCADE,
    property_id varchar REFERENCES data_contract_schema_properties(id) ON DELETE CASCADE,
    level varchar, name varchar, description text, dimension varchar, business_impact varchar,
    method varchar, schedule varchar, scheduler varchar, severity varchar,
    type varchar NOT NULL DEFAULT 'library', unit varchar, tags text,
    rule varchar, query text, engine varchar, implementation text,
    must_be varchar, must_not_be varchar, must_be_gt varchar, must_be_ge varchar,
    must_be_lt varchar, must_be_le varchar,
    must_be_between_min varchar, must_be_between_max varchar,
    must_not_between_min varchar, must_not_between_max varchar
);

-- The queue: the backend inserts a row, status 'pending'; it polls the row afterwards.
CREATE TABLE data_profiling_runs (
    id            varchar PRIMARY KEY,
    contract_id   varchar NOT NULL REFERENCES data_contracts(id) ON DELETE CASCADE,
    source        varchar NOT NULL,              -- 'dqx', 'llm', 'manual': the worker takes 'dqx' only
    schema_names  text,                          -- JSON array of schema names
    status        varchar NOT NULL DEFAULT 'pending',  -- pending, running, completed, failed
    summary_stats text,                          -- JSON, written by the worker
    run_id        varchar,                       -- a Databricks job run's id where a job does the work, not the worker
    started_at    timestamptz NOT NULL DEFAULT now(),  -- set at insert: the time of the request
    completed_at  timestamptz,
    error_message text,
    triggered_by  varchar
);
CREATE INDEX ON data_profiling_runs (contract_id);
CREATE INDEX ON data_profiling_runs (source);
CREATE INDEX ON data_profiling_runs (status);

CREATE TABLE suggested_quality_checks (
    id             varchar PRIMARY KEY,
    profile_run_id varchar NOT NULL REFERENCES data_profiling_runs(id) ON DELETE CASCADE,
    contract_id    varchar NOT NULL REFERENCES data_contracts(id) ON DELETE CASCADE,
    source         varchar NOT NULL,
    schema_name    varchar NOT NULL,
    property_name  varchar,                      -- NULL for a table-level check
    status         varchar NOT NULL DEFAULT 'pending', -- pending, accepted, rejected (people decide)
    name varchar, description text, level varchar, dimension varchar, business_impact varchar,
    severity varchar, type varchar NOT NULL DEFAULT 'library', method varchar, schedule varchar,
    scheduler varchar, unit varchar, tags text,
    rule varchar, query text, engine varchar, implementation text,
    must_be varchar, must_not_be varchar, must_be_gt varchar, must_be_ge varchar,
    must_be_lt varchar, must_be_le varchar, must_be_between_min varchar, must_be_between_max varchar,
    confidence_score varchar, rationale text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON suggested_quality_checks (profile_run_id);
CREATE INDEX ON suggested_quality_checks (contract_id);
CREATE INDEX ON suggested_quality_checks (source);
CREATE INDEX ON suggested_quality_checks (schema_name);
CREATE INDEX ON suggested_quality_checks (property_name);
CREATE INDEX ON suggested_quality_checks (status);
