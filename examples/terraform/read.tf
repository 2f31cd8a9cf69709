# Only reading: what a key pair is like by now, with the provider hashicorp/http.
data "http" "web" {
  url = "${var.keyvend_url}/v1/ecs/key-pairs/web%3Aprod?region=${var.region}"
  request_headers = {
    authorization = "Bearer ${var.keyvend_token}"
  }
  lifecycle {
    postcondition {
      condition     = self.status_code == 200
      error_message = "keyvend does not know this key pair, or does not show it to this caller."
    }
  }
}

output "web_fingerprint" {
  value = [for version in jsondecode(data.http.web.response_body).versions : version.fingerprint if version.current][0]
}
