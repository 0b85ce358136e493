CREATE TABLE account (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE person (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    email TEXT COLLATE "C" NOT NULL,
    email_key TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

-- A removed member is its own tombstone: it keeps the id, the history and what could be restored.
CREATE TABLE member (
    account_id TEXT COLLATE "C" NOT NULL REFERENCES account (id),
    id TEXT COLLATE "C" NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL REFERENCES person (id),
    member_key TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    email_key TEXT COLLATE "C" NOT NULL,
    first_name TEXT COLLATE "C" NOT NULL,
    last_name TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    managed BOOLEAN NOT NULL,
    protected BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    removed_at BIGINT,
    tombstone TEXT COLLATE "C",
    PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX member_by_live_key ON member (account_id, member_key) WHERE status <> 'removed';
CREATE INDEX member_by_key ON member (account_id, member_key);
CREATE INDEX member_protected ON member (account_id, id) WHERE protected;

CREATE TABLE user_group (
    account_id TEXT COLLATE "C" NOT NULL REFERENCES account (id),
    id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    managed BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX user_group_by_name ON user_group (account_id, name_key);

CREATE TABLE membership (
    account_id TEXT COLLATE "C" NOT NULL,
    group_id TEXT COLLATE "C" NOT NULL,
    member_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, group_id, member_id),
    FOREIGN KEY (account_id, group_id) REFERENCES user_group (account_id, id),
    FOREIGN KEY (account_id, member_id) REFERENCES member (account_id, id)
);
CREATE INDEX membership_by_member ON membership (account_id, member_id, group_id);

-- One row for each permission group on each resource group of a policy, so that "who may do this?" is
-- a look-up. The holder is a member or a user group; their ids never collide.
CREATE TABLE policy_grant (
    account_id TEXT COLLATE "C" NOT NULL REFERENCES account (id),
    holder_id TEXT COLLATE "C" NOT NULL,
    policy_id TEXT COLLATE "C" NOT NULL,
    ordinal BIGINT NOT NULL,
    access TEXT COLLATE "C" NOT NULL,
    permission_group TEXT COLLATE "C" NOT NULL,
    resource_group TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (account_id, holder_id, policy_id, permission_group, resource_group)
);
CREATE INDEX policy_grant_by_permission
    ON policy_grant (account_id, permission_group, holder_id, access);

-- A SCIM resource is the document it is; what it is found by most has columns of its own.
CREATE TABLE resource (
    account_id TEXT COLLATE "C" NOT NULL REFERENCES account (id),
    kind TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C",
    active BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (account_id, kind, id)
);
CREATE UNIQUE INDEX resource_by_name ON resource (account_id, kind, name_key);
-- With the id, which lists are ordered by: else the order would win over the look-up.
CREATE INDEX resource_by_external_id ON resource (account_id, kind, external_id, id);

-- Every other attribute value that a filter can find, as the text it is compared and ordered by.
CREATE TABLE attribute (
    account_id TEXT COLLATE "C" NOT NULL,
    resource_id TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    element BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    attribute_key TEXT COLLATE "C" NOT NULL,
    -- The whole key where attribute_key, which has to fit an index, is only its beginning and a hash.
    long_key TEXT COLLATE "C",
    PRIMARY KEY (account_id, resource_id, path, element)
);
CREATE INDEX attribute_by_key ON attribute (account_id, kind, path, attribute_key, resource_id);
CREATE INDEX attribute_long ON attribute (account_id, kind, path, resource_id)
    WHERE long_key IS NOT NULL;

CREATE TABLE api_token (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account_id TEXT COLLATE "C" NOT NULL REFERENCES account (id),
    owner_id TEXT COLLATE "C",
    name TEXT COLLATE "C" NOT NULL,
    token_key TEXT COLLATE "C" NOT NULL UNIQUE,
    token_hash TEXT COLLATE "C" NOT NULL,
    policies TEXT COLLATE "C" NOT NULL,
    not_before BIGINT,
    expires_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX api_token_by_owner ON api_token (account_id, owner_id);

CREATE TABLE dashboard_session (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account_id TEXT COLLATE "C" NOT NULL REFERENCES account (id),
    member_id TEXT COLLATE "C" NOT NULL,
    session_key TEXT COLLATE "C" NOT NULL UNIQUE,
    session_hash TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    FOREIGN KEY (account_id, member_id) REFERENCES member (account_id, id)
);
CREATE INDEX dashboard_session_by_member ON dashboard_session (account_id, member_id);

CREATE TABLE sign_in_link (
    link_key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    link_hash TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL REFERENCES account (id),
    member_id TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    FOREIGN KEY (account_id, member_id) REFERENCES member (account_id, id)
);
CREATE INDEX sign_in_link_by_member ON sign_in_link (account_id, member_id);

CREATE TABLE audit_event (
    account_id TEXT COLLATE "C" NOT NULL REFERENCES account (id),
    id TEXT COLLATE "C" NOT NULL,
    happened_at BIGINT NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    actor_kind TEXT COLLATE "C" NOT NULL,
    actor_context TEXT COLLATE "C" NOT NULL,
    actor_id TEXT COLLATE "C" NOT NULL,
    actor_email TEXT COLLATE "C" NOT NULL,
    token_id TEXT COLLATE "C" NOT NULL,
    token_name TEXT COLLATE "C" NOT NULL,
    ip TEXT COLLATE "C" NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    method TEXT COLLATE "C" NOT NULL,
    uri TEXT COLLATE "C" NOT NULL,
    user_agent TEXT COLLATE "C" NOT NULL,
    product TEXT COLLATE "C" NOT NULL,
    resource_type TEXT COLLATE "C" NOT NULL,
    resource_id TEXT COLLATE "C" NOT NULL,
    resource_name TEXT COLLATE "C" NOT NULL,
    before_value TEXT COLLATE "C" NOT NULL,
    after_value TEXT COLLATE "C" NOT NULL,
    notes TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (account_id, happened_at, id)
);
CREATE INDEX audit_event_by_resource ON audit_event (account_id, resource_id, happened_at);
