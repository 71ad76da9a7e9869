var c = URLComponents(string: "https://h/public-api/resources/users/v1.0")! // !unknown-parameter
c.queryItems = [URLQueryItem(name: "limit", value: "5")]
var request = URLRequest(url: URL(string: "https://h/public-api/resources/users/v1.0/\(id)")!) // !unknown-method
request.httpMethod = "PUT"
func made() { AF.request("https://tenant.test/public-api/resources/taxes/v2.0", method: .post, parameters: ["name": "VAT"], encoding: JSONEncoding.default) } // !missing-field
func few() { AF.request("https://tenant.test/public-api/resources/users/v1.0", method: .get, parameters: ["limit": 5]) } // !unknown-parameter
