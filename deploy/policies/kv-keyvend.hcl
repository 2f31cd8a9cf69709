# What keyvend itself needs of a mount of KV version 2: `secret` and `keyvend` stand for KEYVEND_KV_MOUNT and KEYVEND_KV_PREFIX.
# A test holds the store to these rules, and each rule to a call that needs it.

# States, keys and the readers' copies. Nothing here is deleted by path, and nothing at all by metadata.
path "secret/data/keyvend/*" {
  capabilities = ["create", "read", "update"]
}

# The clouds' access keys, where people keep them here: KEYVEND_UPSTREAM_STORED=true.
path "secret/data/keyvend-upstream/*" {
  capabilities = ["read"]
}

# Removed keys, recoverably.
path "secret/delete/keyvend/*" {
  capabilities = ["update"]
}

# Removed keys after the recovery window, and earlier keys under the readers' path.
path "secret/destroy/keyvend/*" {
  capabilities = ["update"]
}

# Which secrets there are.
path "secret/metadata/keyvend/*" {
  capabilities = ["list"]
}

# The policy `default` has these two as well; they are needed where a role goes without it (token_no_default_policy).
path "auth/token/lookup-self" {
  capabilities = ["read"]
}

path "auth/token/renew-self" {
  capabilities = ["update"]
}
