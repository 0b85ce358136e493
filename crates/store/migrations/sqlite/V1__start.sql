CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE person (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

-- A removed member is its own tombstone: it keeps the id, the history and what could be restored.
CREATE TABLE member (
    account_id TEXT NOT NULL REFERENCES account (id),
    id TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES person (id),
    member_key TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    status TEXT NOT NULL,
    managed BOOLEAN NOT NULL,
    protected BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    removed_at BIGINT,
    tombstone TEXT,
    PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX member_by_live_key ON member (account_id, member_key) WHERE status <> 'removed';
CREATE INDEX member_by_key ON member (account_id, member_key);
CREATE INDEX member_protected ON member (account_id, id) WHERE protected;

CREATE TABLE user_group (
    account_id TEXT NOT NULL REFERENCES account (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    managed BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX user_group_by_name ON user_group (account_id, name_key);

CREATE TABLE membership (
    account_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id, member_id),
    FOREIGN KEY (account_id, group_id) REFERENCES user_group (account_id, id),
    FOREIGN KEY (account_id, member_id) REFERENCES member (account_id, id)
) WITHOUT ROWID;
CREATE INDEX membership_by_member ON membership (account_id, member_id, group_id);

-- One row for each permission group on each resource group of a policy, so that "who may do this?" is
-- a look-up. The holder is a member or a user group; their ids never collide.
CREATE TABLE policy_grant (
    account_id TEXT NOT NULL REFERENCES account (id),
    holder_id TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    access TEXT NOT NULL,
    permission_group TEXT NOT NULL,
    resource_group TEXT NOT NULL,
    PRIMARY KEY (account_id, holder_id, policy_id, permission_group, resource_group)
) WITHOUT ROWID;
CREATE INDEX policy_grant_by_permission
    ON policy_grant (account_id, permission_group, holder_id, access);

-- A SCIM resource is the document it is; what it is found by most has columns of its own.
CREATE TABLE resource (
    account_id TEXT NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    name_key TEXT NOT NULL,
    external_id TEXT,
    active BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (account_id, kind, id)
);
CREATE UNIQUE INDEX resource_by_name ON resource (account_id, kind, name_key);
-- With the id, which lists are ordered by: else the order would win over the look-up.
CREATE INDEX resource_by_external_id ON resource (account_id, kind, external_id, id);

-- Every other attribute value that a filter can find, as the text it is compared and ordered by.
CREATE TABLE attribute (
    account_id TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    path TEXT NOT NULL,
    element BIGINT NOT NULL,
    kind TEXT NOT NULL,
    attribute_key TEXT NOT NULL,
    -- The whole key where attribute_key, which has to fit an index, is only its beginning and a hash.
    long_key TEXT,
    PRIMARY KEY (account_id, resource_id, path, element)
) WITHOUT ROWID;
CREATE INDEX attribute_by_key ON attribute (account_id, kind, path, attribute_key, resource_id);
CREATE INDEX attribute_long ON attribute (account_id, kind, path, resource_id)
    WHERE long_key IS NOT NULL;

CREATE TABLE api_token (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    owner_id TEXT,
    name TEXT NOT NULL,
    token_key TEXT NOT NULL UNIQUE,
    token_hash TEXT NOT NULL,
    policies TEXT NOT NULL,
    not_before BIGINT,
    expires_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX api_token_by_owner ON api_token (account_id, owner_id);

CREATE TABLE dashboard_session (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    member_id TEXT NOT NULL,
    session_key TEXT NOT NULL UNIQUE,
    session_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    FOREIGN KEY (account_id, member_id) REFERENCES member (account_id, id)
);
CREATE INDEX dashboard_session_by_member ON dashboard_session (account_id, member_id);

CREATE TABLE sign_in_link (
    link_key TEXT NOT NULL PRIMARY KEY,
    link_hash TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES account (id),
    member_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    FOREIGN KEY (account_id, member_id) REFERENCES member (account_id, id)
);
CREATE INDEX sign_in_link_by_member ON sign_in_link (account_id, member_id);

CREATE TABLE audit_event (
    account_id TEXT NOT NULL REFERENCES account (id),
    id TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    action TEXT NOT NULL,
    kind TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_context TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    actor_email TEXT NOT NULL,
    token_id TEXT NOT NULL,
    token_name TEXT NOT NULL,
    ip TEXT NOT NULL,
    request_id TEXT NOT NULL,
    method TEXT NOT NULL,
    uri TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    product TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    resource_name TEXT NOT NULL,
    before_value TEXT NOT NULL,
    after_value TEXT NOT NULL,
    notes TEXT NOT NULL,
    PRIMARY KEY (account_id, happened_at, id)
);
CREATE INDEX audit_event_by_resource ON audit_event (account_id, resource_id, happened_at);
