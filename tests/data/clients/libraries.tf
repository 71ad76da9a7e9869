data "http" "users" {
  url = "https://${var.host}/public-api/resources/users/v1.0?per_page=5"
}
data "http" "bad" {
  url = "https://${var.host}/public-api/resources/users/v1.0?limit=5" # !unknown-parameter
}
