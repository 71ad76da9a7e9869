const BASE = "https://tenant.test/public-api"
r = HTTP.get("$BASE/resources/users/v1.0"; query=Dict("per_page" => 5))
r = HTTP.get("$BASE/resources/users/v1.0"; query=Dict("limit" => 5)) # !unknown-parameter
r = HTTP.request("PUT", "$BASE/resources/users/v1.0/$id") # !unknown-method
