package ampeco

func (c *Client) Create() {
	c.post(ctx, "/resources/taxes/v2.0", &TaxRequest{Name: "VAT", Percentage: 20}, &out)
	c.r.R().SetBody(map[string]interface{}{"name": "x"}).Post("/public-api/resources/user-groups/v1.0")
}

func (c *Client) Wrong() {
	b, _ := json.Marshal(map[string]any{"name": "VAT"})
	http.Post(c.base+"/public-api/resources/taxes/v2.0", "application/json", bytes.NewReader(b)) // !missing-field
	http.Post(c.base+"/public-api/resources/taxes/v2.0", "text/xml", strings.NewReader("<tax/>")) // !media-type
	c.r.R().SetBody(map[string]interface{}{"names": "x"}).Post("/public-api/resources/user-groups/v1.0") // !unknown-field, missing-field
}

func (c *Client) Guess() {
	payload := map[string]interface{}{"name": "VAT", "percentage": 20, "meta": map[string]interface{}{}}
	buf, err := json.Marshal(payload)
	req, err := http.NewRequest(http.MethodPost, c.base+"/public-api/resources/taxes/v2.0", bytes.NewBuffer(buf)) // ?unknown-field
}

func (c *Client) Segments() {
	users, err := url.JoinPath(c.base, "public-api", "resources", "users", "v1.0")
	taxes, err := url.JoinPath(c.base, "public-api", "resources", "taxes", "v9.0") // !unknown-version
}

func (c *Client) Values() {
	q := url.Values{}
	q.Set("per_page", "5")
	http.Get(c.base + "/public-api/resources/users/v1.0?" + q.Encode())
}

func (c *Client) Query() {
	req, _ := http.NewRequest("GET", c.base+"/public-api/resources/sessions/v1.0", nil) // !unknown-filter
	q := req.URL.Query()
	q.Add("filter[user]", "5")
	req.URL.RawQuery = q.Encode()
}
func partial() { http.Post("https://tenant.test/public-api/resources/taxes/v2.0", "application/json", strings.NewReader(`{"name": "VAT"}`)) } // !missing-field
