var c = URLComponents(string: "https://h/public-api/resources/users/v1.0")! // !unknown-parameter
c.queryItems = [URLQueryItem(name: "limit", value: "5")]
var request = URLRequest(url: URL(string: "https://h/public-api/resources/users/v1.0/\(id)")!) // !unknown-method
request.httpMethod = "PUT"
