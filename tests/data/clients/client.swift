let base = "https://tenant.test/public-api"
func users() { AF.request("\(base)/resources/users/v1.0?per_page=\(size)", method: .get) }
func put(id: Int) { AF.request("\(base)/resources/users/v1.0/\(id)", method: .put) } // !unknown-method
