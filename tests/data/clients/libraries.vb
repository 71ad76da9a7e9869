Dim ok = Await http.GetAsync(baseUrl & "/public-api/resources/users/v1.0?per_page=5")
Dim bad = Await http.GetAsync(baseUrl & "/public-api/resources/users/v1.0?limit=5") ' !unknown-parameter
Dim put = New HttpRequestMessage(HttpMethod.Put, $"{baseUrl}/public-api/resources/users/v1.0/{id}") ' !unknown-method
