package ampeco

const base = "https://tenant.test/public-api"

func Users() (*http.Response, error) {
	req, _ := http.NewRequest("GET", base+"/resources/users/v1.0", nil)
	q := req.URL.Query()
	q.Add("per_page", "10")
	req.URL.RawQuery = q.Encode()
	return client.Do(req)
}

func Limited() (*http.Response, error) {
	req, _ := http.NewRequest("GET", base+"/resources/users/v1.0", nil) // !unknown-parameter
	q := req.URL.Query()
	q.Add("limit", "10")
	return client.Do(req)
}

func User(id int) { http.Get(fmt.Sprintf("%s/resources/users/v1.1/%d", base, id)) } // !unknown-version

func Filtered() {
	params := url.Values{}
	params.Set("filter[state]", "active")
	http.Get(base + "/resources/sessions/v1.0?" + params.Encode()) // !unknown-filter
}

func Remove(id string) { http.NewRequest(http.MethodDelete, base+"/resources/sessions/v1.0/"+id, nil) } // !unknown-method
