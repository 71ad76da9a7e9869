auto ok = cpr::Get(cpr::Url{base + "/public-api/resources/users/v1.0"}, cpr::Parameters{{"per_page", "5"}});
auto bad = cpr::Get(cpr::Url{base + "/public-api/resources/users/v1.0"}, cpr::Parameters{{"limit", "5"}}); // !unknown-parameter
auto put = cpr::Put(cpr::Url{"https://h/public-api/resources/users/v1.0/5"}); // !unknown-method
