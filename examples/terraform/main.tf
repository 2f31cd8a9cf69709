# Key pairs by keyvend, from Terraform: what the state holds is a name, an id and a fingerprint, and no private key.
#
#   export TF_VAR_keyvend_url=https://keyvend.example.com TF_VAR_keyvend_token="$(cat token)"
#   terraform init && terraform apply
#
# The provider restapi sends each key pair as `POST /v1/ecs/key-pairs`, reads it back, and retires it with `DELETE`. The same request
# again is answered with the same pair, so an apply that was cut short is simply run again.

terraform {
  required_version = ">= 1.5"
  required_providers {
    restapi = {
      source  = "Mastercard/restapi"
      version = "~> 2.0"
    }
  }
}

variable "keyvend_url" {
  type        = string
  description = "Address of the deployment."
}

variable "keyvend_token" {
  type        = string
  sensitive   = true
  description = "An access token with the rights vend, read and retire for these names. It is not kept in the state."
}

variable "region" {
  type    = string
  default = "cn-hangzhou"
}

provider "restapi" {
  uri                  = var.keyvend_url
  write_returns_object = false
  id_attribute         = "name"
  headers = {
    authorization = "Bearer ${var.keyvend_token}"
    content-type  = "application/json"
  }
}

variable "key_pairs" {
  type        = map(object({ tags = optional(map(string), {}) }))
  description = "By name."
  default = {
    "web:prod" = { tags = { team = "web" } }
  }
}

resource "restapi_object" "key_pair" {
  for_each = var.key_pairs

  path         = "/v1/ecs/key-pairs"
  read_path    = "/v1/ecs/key-pairs/{id}?region=${var.region}"
  destroy_path = "/v1/ecs/key-pairs/{id}?region=${var.region}"
  # What is read back says more than what was asked for.
  ignore_all_server_changes = true
  # Another request for a name that is there is refused: a change makes a new pair under a new name.
  force_new = ["name", "region", "tags"]

  data = jsonencode({
    name   = each.key
    region = var.region
    tags   = each.value.tags
  })
}

output "key_pairs" {
  description = "What instances are launched with, and where the key is read: by whoever has rights in the secret store, never from here."
  value = {
    for name, pair in restapi_object.key_pair : name => {
      name    = name
      read_by = "keyvend key ecs ${name} --region ${var.region}"
    }
  }
}
