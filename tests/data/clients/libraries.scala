object Ampeco {
  val base = "https://tenant.test/public-api"
  def users = basicRequest.get(uri"$base/resources/users/v1.0?per_page=$size").send(backend)
  def limited = basicRequest.get(uri"$base/resources/users/v1.0?limit=$size").send(backend) // !unknown-parameter
  def put(id: Int) = basicRequest.put(uri"$base/resources/users/v1.0/$id").body(json).send(backend) // !unknown-method
  def tax(): Future[WSResponse] = ws.url(s"$base/resources/taxes/v2.0").post(Json.obj("name" -> "VAT")) // !missing-field
  def play() = ws.url(s"$base/resources/sessions/v1.0").addQueryStringParameters("limit" -> "5").get() // !unknown-parameter
  def active() = ws.url(s"$base/resources/sessions/v1.0").addQueryStringParameters("filter[status]" -> "active").get()
}
