const BASE: &str = "https://tenant.test/public-api";
async fn users() { client.get(format!("{}/resources/users/v1.0", BASE)).query(&[("per_page", "10")]).send().await; }
async fn limited() { client.get(format!("{BASE}/resources/users/v1.0")).query(&[("limit", "10")]).send().await; } // !unknown-parameter
async fn tax() { client.post(&format!("{BASE}/resources/taxes/v2.0")).json(&json!({"name": "VAT"})).send().await; } // !missing-field
