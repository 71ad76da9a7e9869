class O {
  RestRequest Ok() => new RestRequest("public-api/resources/users/v1.0").AddQueryParameter("per_page", "5");
  RestRequest Bad() => new RestRequest("public-api/resources/users/v1.0").AddQueryParameter("limit", "5"); // !unknown-parameter
  RestRequest Put() => new RestRequest("public-api/resources/users/v1.0/{id}", Method.Put).AddUrlSegment("id", 5); // !unknown-method
  HttpRequestMessage M() => new HttpRequestMessage(HttpMethod.Put, $"{Base}/public-api/resources/users/v1.0/{id}"); // !unknown-method
  string Q() => QueryHelpers.AddQueryString("https://h/public-api/resources/users/v1.0", new Dictionary<string, string> { ["limit"] = "5" }); // !unknown-parameter
  [Put("/public-api/resources/users/v1.0/{id}")] Task P(int id); // !unknown-method
}
