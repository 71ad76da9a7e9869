def base = "https://tenant.test/public-api"
def users = client.get(path: "/public-api/resources/users/v1.0", query: [per_page: 5])
def limited = client.get(path: "/public-api/resources/users/v1.0", query: [limit: 5]) // !unknown-parameter
def tax = client.post(path: "/public-api/resources/taxes/v2.0", body: [name: "VAT"]) // !missing-field
def put = httpRequest(url: "${base}/resources/users/v1.0/${id}", httpMode: 'PUT') // !unknown-method
