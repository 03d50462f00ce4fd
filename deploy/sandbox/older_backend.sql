-- Turns the tables of backend_schema.sql into those of Ontos of December 2025.

ALTER TABLE data_contracts
    DROP COLUMN version_family_id, DROP COLUMN draft_owner_id, DROP COLUMN publication_scope,
    DROP COLUMN published_at, DROP COLUMN published_by, DROP COLUMN certification_level,
    DROP COLUMN inherited_certification_level, DROP COLUMN certified_at, DROP COLUMN certified_by,
    DROP COLUMN certification_expires_at, DROP COLUMN certification_notes,
    DROP COLUMN maturity_level_order, DROP COLUMN maturity_evaluated_at;
ALTER TABLE data_contract_schema_objects DROP COLUMN stable_id;
ALTER TABLE data_contract_schema_properties DROP COLUMN stable_id;
ALTER TABLE data_contract_quality_checks DROP COLUMN stable_id;
DROP INDEX data_contract_quality_checks_object_id_idx;
DROP INDEX data_contract_quality_checks_property_id_idx;
