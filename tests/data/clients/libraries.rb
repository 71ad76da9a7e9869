class A
  include HTTParty
  base_uri "https://tenant.test/public-api"
  def ok; self.class.get("/resources/users/v1.0", query: { per_page: 5 }); end
  def bad; self.class.get("/resources/users/v1.0", query: { limit: 5 }); end # !unknown-parameter
  def put(id); self.class.put("/resources/users/v1.0/#{id}", body: {}.to_json); end # !unknown-method
  def faraday; conn.get("/public-api/resources/users/v1.0", { limit: 5 }); end # !unknown-parameter
  def net; Net::HTTP::Put.new("/public-api/resources/users/v1.0/5"); end # !unknown-method
  def typh; Typhoeus.get("https://h/public-api/resources/users/v1.0", params: { limit: 5 }); end # !unknown-parameter
  def excon; Excon.post("https://h/public-api/resources/taxes/v2.0", body: { name: "VAT" }.to_json); end # !missing-field
end
