# For people who read the keys of one provider's account, here those of `ecs` and `default`: the current key of each key pair, and
# nothing else of the store. Earlier keys, and those that a rotation is bringing in, are not theirs.
path "secret/data/keyvend/ecs/default/+/+/current" {
  capabilities = ["read"]
}
