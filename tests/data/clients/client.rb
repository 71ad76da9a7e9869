BASE = ENV.fetch("AMPECO", "https://tenant.test/public-api")
def ok = HTTParty.get("#{BASE}/resources/users/v1.0", query: { per_page: 10 })
def users = HTTParty.get("#{BASE}/resources/users/v1.0", query: { limit: 10 }) # !unknown-parameter
def session(id)
  conn.get "#{BASE}/resources/session/v1.0/#{id}" # !unknown-operation
end
