public class Client {
  private const string Base = "https://tenant.test/public-api";
  [Get("/public-api/resources/locations/v2.0/{id}")] Task<Location> Location(int id);
  public Task<string> Users() => http.GetStringAsync($"{Base}/resources/users/v1.0?per_page={size}");
  public Task Ok() => http.PostAsJsonAsync($"{Base}/resources/taxes/v2.0", new { name = "VAT", percentage = 20 });
  public Task<string> A() => http.GetStringAsync($"{Base}/resources/users/v1.0?limit={size}"); // !unknown-parameter
  public Task B() => http.PostAsJsonAsync($"{Base}/resources/taxes/v2.0", new { name = "VAT" }); // !missing-field
  public void C(int id) { var request = new HttpRequestMessage(HttpMethod.Patch, $"{Base}/resources/tax/v2.0/{id}"); } // !unknown-operation
  public void D() {
    var query = new Dictionary<string, string> { ["filter[status]"] = "activ", ["per_page"] = "10" };
    http.GetAsync(QueryHelpers.AddQueryString(Base + "/resources/sessions/v1.0", query)); // !invalid-parameter
  }
}
