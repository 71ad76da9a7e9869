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
