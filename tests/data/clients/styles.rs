async fn tax(c: &Client) { c.post(format!("{BASE}/public-api/resources/taxes/v2.0")).json(&Tax { title: "VAT", rate: 20.0 }).send().await; }
