suspend fun users() = client.get("https://$host/public-api/resources/users/v1.0") { // !unknown-parameter
    url { parameters.append("limit", "5") }
}
suspend fun patched(http: HttpClient, id: Int) = http.request("https://tenant.test/public-api/resources/tariffs/v1.0/$id") { // !unknown-method
    method = HttpMethod.Patch
    header("X-Id", "1")
}
