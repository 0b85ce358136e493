-- How many resources there are, in parts: whoever adds one changes a part that few others change.
CREATE TABLE resource_count (
    account_id TEXT COLLATE "C" NOT NULL REFERENCES account (id),
    kind TEXT COLLATE "C" NOT NULL,
    part BIGINT NOT NULL,
    resources BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind, part)
);
INSERT INTO resource_count (account_id, kind, part, resources)
    SELECT account_id, kind, 0, COUNT(*) FROM resource GROUP BY account_id, kind;

-- Schemas that an account adds to its users or groups. Each change counts up the account's version.
CREATE TABLE account_schema (
    account_id TEXT COLLATE "C" NOT NULL REFERENCES account (id),
    urn_key TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, urn_key)
);
ALTER TABLE account ADD COLUMN schema_version BIGINT NOT NULL DEFAULT 0;

-- Values that such a schema says no two resources may share. They go with the resource, whoever deletes
-- it: one left behind would be taken for ever.
CREATE TABLE unique_value (
    account_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    attribute_key TEXT COLLATE "C" NOT NULL,
    resource_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (account_id, kind, path, attribute_key),
    FOREIGN KEY (account_id, kind, resource_id) REFERENCES resource (account_id, kind, id)
        ON DELETE CASCADE
);
CREATE INDEX unique_value_by_resource ON unique_value (account_id, kind, resource_id);

-- Keys of this installation, shared by all its replicas. What they seal is short-lived.
CREATE TABLE server_key (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);
