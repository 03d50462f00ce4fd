-- The tables of Ontos that matter to profiling, as Ontos v1.0.1 creates them.
--
-- SQLAlchemy fills most values in Python, so the columns have no defaults except four time stamps:
-- an INSERT has to name every column that is NOT NULL. Foreign keys of data_contracts to tables that
-- are not here (domains, teams, projects) are left out. `older_backend.sql` makes an older version
-- of these tables. The worker never alters them.

CREATE TABLE data_contracts (
    id varchar PRIMARY KEY,
    name varchar NOT NULL,
    kind varchar NOT NULL,
    api_version varchar NOT NULL,                -- 'v3.1.0'; newer 'v3.2.0', older 'v3.0.2'
    version varchar NOT NULL,
    status varchar NOT NULL,                     -- 'draft', ...
    published boolean NOT NULL,
    owner_team_id varchar, tenant varchar, data_product varchar, domain_id varchar, project_id varchar,
    description_usage text, description_purpose text, description_limitations text,
    sla_default_element varchar,
    contract_created_ts timestamptz,
    parent_contract_id varchar REFERENCES data_contracts(id) ON DELETE SET NULL,
    version_family_id varchar NOT NULL,          -- the same for all versions of one contract
    base_name varchar, change_summary text, draft_owner_id varchar,
    publication_scope varchar NOT NULL,
    published_at timestamptz, published_by varchar,
    certification_level integer, inherited_certification_level integer,
    certified_at timestamptz, certified_by varchar, certification_expires_at timestamptz,
    certification_notes text,
    maturity_level_order integer, maturity_evaluated_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    created_by varchar, updated_by varchar
);
CREATE INDEX ON data_contracts (name);
CREATE INDEX ON data_contracts (status);
CREATE INDEX ON data_contracts (version);
CREATE INDEX ON data_contracts (base_name);
CREATE INDEX ON data_contracts (parent_contract_id);
CREATE INDEX ON data_contracts (version_family_id);
CREATE INDEX ON data_contracts (domain_id);
CREATE INDEX ON data_contracts (project_id);
CREATE INDEX ON data_contracts (owner_team_id);
CREATE INDEX ON data_contracts (draft_owner_id);
CREATE INDEX ON data_contracts (published);
CREATE INDEX ON data_contracts (publication_scope);
CREATE INDEX ON data_contracts (certification_level);

CREATE TABLE data_contract_schema_objects (
    id varchar PRIMARY KEY,
    contract_id varchar NOT NULL REFERENCES data_contracts(id) ON DELETE CASCADE,
    stable_id varchar,
    name varchar NOT NULL,                       -- the "schema name" that a run asks for
    logical_type varchar NOT NULL,               -- 'object'
    physical_name varchar,                       -- catalog.schema.table, or a path; may be NULL
    data_granularity_description text, business_name varchar, physical_type varchar,
    tags text, description text
);
CREATE INDEX ON data_contract_schema_objects (contract_id);

CREATE TABLE data_contract_schema_properties (
    id varchar PRIMARY KEY,
    object_id varchar NOT NULL REFERENCES data_contract_schema_objects(id) ON DELETE CASCADE,
    stable_id varchar,
    parent_property_id varchar REFERENCES data_contract_schema_properties(id) ON DELETE CASCADE,
    name varchar NOT NULL,                       -- matched by name when a suggestion is accepted
    logical_type varchar, physical_type varchar,
    required boolean NOT NULL,
    "unique" boolean NOT NULL,
    primary_key boolean NOT NULL,
    partitioned boolean NOT NULL,
    primary_key_position integer NOT NULL,       -- -1: not part of the key
    partition_key_position integer NOT NULL,     -- -1
    classification varchar,                      -- Ontos' form offers public, internal, confidential, restricted, pii, 1 to 5
    encrypted_name varchar,
    transform_source_objects text, transform_logic text, transform_description text,
    examples text,
    critical_data_element boolean NOT NULL,
    logical_type_options_json text,
    items_logical_type varchar,
    business_name varchar
);
CREATE INDEX ON data_contract_schema_properties (object_id);
CREATE INDEX ON data_contract_schema_properties (parent_property_id);

-- Checks that the contract has; an accepted suggestion becomes a row here.
CREATE TABLE data_contract_quality_checks (
    id varchar PRIMARY KEY,
    object_id varchar NOT NULL REFERENCES data_contract_schema_objects(id) ON DELETE CASCADE,
    stable_id varchar,
    property_id varchar REFERENCES data_contract_schema_properties(id) ON DELETE CASCADE,
    level varchar, name varchar, description text, dimension varchar, business_impact varchar,
    method varchar, schedule varchar, scheduler varchar, severity varchar,
    type varchar NOT NULL,
    unit varchar, tags text, rule varchar, query text, engine varchar, implementation text,
    must_be varchar, must_not_be varchar, must_be_gt varchar, must_be_ge varchar,
    must_be_lt varchar, must_be_le varchar,
    must_be_between_min varchar, must_be_between_max varchar,
    must_not_between_min varchar, must_not_between_max varchar
);
CREATE INDEX data_contract_quality_checks_object_id_idx ON data_contract_quality_checks (object_id);
CREATE INDEX data_contract_quality_checks_property_id_idx
    ON data_contract_quality_checks (property_id);

-- The queue: the backend inserts a row with status 'pending' and polls it.
CREATE TABLE data_profiling_runs (
    id varchar PRIMARY KEY,
    contract_id varchar NOT NULL REFERENCES data_contracts(id) ON DELETE CASCADE,
    source varchar NOT NULL,                     -- 'dqx', 'llm', 'manual': the worker takes 'dqx' only
    schema_names text,                           -- JSON array of schema names
    status varchar NOT NULL,                     -- pending, running, completed, failed; no default
    summary_stats text,                          -- JSON, written by the worker
    run_id varchar,                              -- the id of a Databricks job run, if a job does the work
    started_at timestamptz NOT NULL DEFAULT now(), -- Ontos writes UTC without a zone, which the session's time zone then shifts
    completed_at timestamptz,
    error_message text,
    triggered_by varchar
);
CREATE INDEX ON data_profiling_runs (contract_id);
CREATE INDEX ON data_profiling_runs (source);
CREATE INDEX ON data_profiling_runs (status);

CREATE TABLE suggested_quality_checks (
    id varchar PRIMARY KEY,
    profile_run_id varchar NOT NULL REFERENCES data_profiling_runs(id) ON DELETE CASCADE,
    contract_id varchar NOT NULL REFERENCES data_contracts(id) ON DELETE CASCADE,
    source varchar NOT NULL,
    schema_name varchar NOT NULL,
    property_name varchar,                       -- NULL for a table-level check
    status varchar NOT NULL,                     -- pending, accepted, rejected; no default
    name varchar, description text, level varchar, dimension varchar, business_impact varchar,
    severity varchar,
    type varchar NOT NULL,                       -- no default
    method varchar, schedule varchar, scheduler varchar, unit varchar, tags text,
    rule varchar, query text, engine varchar, implementation text,
    must_be varchar, must_not_be varchar, must_be_gt varchar, must_be_ge varchar,
    must_be_lt varchar, must_be_le varchar, must_be_between_min varchar, must_be_between_max varchar,
    confidence_score varchar,
    rationale text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON suggested_quality_checks (profile_run_id);
CREATE INDEX ON suggested_quality_checks (contract_id);
CREATE INDEX ON suggested_quality_checks (source);
CREATE INDEX ON suggested_quality_checks (schema_name);
CREATE INDEX ON suggested_quality_checks (property_name);
CREATE INDEX ON suggested_quality_checks (status);
