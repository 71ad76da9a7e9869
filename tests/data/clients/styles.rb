class Ampeco
  def request
    RestClient.get "#{BASE}/resources/users/v1.0", { Authorization: token, params: { per_page: 5 } }
    conn.get("/resources/users/v1.0") { |request| request.params["per_page"] = 5 }
    RestClient.get "https://host/public-api/resources/users/v1.0", { params: { limit: 5 } } # !unknown-parameter
  end

  def block
    conn.get("/public-api/resources/users/v1.0") do |request| # !unknown-parameter
      request.params["limit"] = 5
    end
  end

  def form
    uri = URI("https://host/public-api/resources/users/v1.0")
    uri.query = URI.encode_www_form(limit: 5)
    Net::HTTP.get(uri) # !unknown-parameter
  end
end

class Later
  def create
    conn.post("/public-api/resources/taxes/v2.0") do |request|
      request.body = { name: "VAT", percentage: 20 }.to_json
    end
  end

  def partial
    conn.post("/public-api/resources/taxes/v2.0") do |request| # !missing-field
      request.body = { name: "VAT" }.to_json
    end
  end
end
def made
  conn.post do |req|
    req.url "/public-api/resources/taxes/v2.0" # !missing-field
    req.body = { name: "VAT" }.to_json
  end
end
def executed = RestClient::Request.execute(method: :put, url: "https://tenant.test/public-api/resources/users/v1.0/5") # !unknown-method
