local base = "https://tenant.test/public-api"
local res = httpc:request_uri(base .. "/resources/users/v1.0?per_page=5", { method = "GET" })
local bad = httpc:request_uri(base .. "/resources/users/v1.0/" .. id, { method = "PUT" }) -- !unknown-method
local old = httpc:request_uri(base .. "/resources/users/v7.0?per_page=5", { method = "GET" }) -- !unknown-version
