suspend fun users() = client.get("https://$host/public-api/resources/users/v1.0") { // !unknown-parameter
    url { parameters.append("limit", "5") }
}
