class Ampeco
{
    const string Taxes = "public-api/resources/taxes/v2.0";

    Task Anonymous() => http.PostAsJsonAsync(Taxes, new { Name = "VAT", Percentage = 20 });
    Task Named() => http.PostAsJsonAsync(Taxes, new TaxRequest { TaxName = "VAT", Rate = 20 });
    Task Text() => http.PostAsync(Taxes, new StringContent("{\"name\": \"VAT\", \"percentage\": 20}", Encoding.UTF8));

    Task Partial() => http.PostAsJsonAsync(Taxes, new { Name = "VAT" }); // !missing-field
    Task Serialized() => http.PostAsync(Taxes, new StringContent(JsonSerializer.Serialize(new { Name = "VAT", percentage = 20 }))); // !unknown-field, missing-field
}

class Flurled
{
    Task Good() => host.AppendPathSegment("public-api/resources/taxes/v2.0").PostJsonAsync(new { name = "VAT", percentage = 20 });
    Task Read() => "https://host".AppendPathSegments("public-api", "resources", "users", "v1.0").SetQueryParams(new { per_page = 5 }).GetJsonAsync();

    Task Old() => "https://host".AppendPathSegment("public-api/resources/taxes/v9.0").WithOAuthBearerToken(token).GetJsonAsync(); // !unknown-version
    Task Limit() => host.AppendPathSegments("public-api", "resources", "users", "v1.0").SetQueryParams(new { limit = 5 }).GetJsonAsync(); // !unknown-parameter
    Task Rate() => host.AppendPathSegment("public-api/resources/taxes/v2.0").PostJsonAsync(new { name = "VAT" }); // !missing-field
}
