func a() {
	resty.R().SetQueryParam("per_page", "5").Get("/public-api/resources/users/v1.0")
	resty.R().SetQueryParam("limit", "5").Get("/public-api/resources/users/v1.0") // !unknown-parameter
	resty.R().SetQueryParams(map[string]string{"limit": "5"}).Get("/public-api/resources/users/v1.0") // !unknown-parameter
	http.NewRequestWithContext(ctx, http.MethodPut, fmt.Sprintf("%s/public-api/resources/users/v1.0/%d", base, id), nil) // !unknown-method
	u := &url.URL{Scheme: "https", Host: h, Path: "/public-api/resources/taxes/v9.0"} // !unknown-version
}
