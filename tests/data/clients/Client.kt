interface Api {
  @GET("resources/users/v1.0/{user}") suspend fun user(@Path("user") user: Int): User
  @GET("resources/sessions/v1.0") suspend fun ok(@Query("per_page") size: Int): List<Session>
  @GET("resources/sessions/v1.0") suspend fun sessions(@Query("limit") limit: Int): List<Session> // !unknown-parameter
  @POST("actions/evse/v1.0/{evse}/stop") suspend fun stop(@Path("evse") evse: Int) // !unknown-operation
}
class Client(private val client: HttpClient) {
  private val base = "https://tenant.test/public-api"
  suspend fun ok(id: Int) = client.get("$base/resources/locations/v2.0") { parameter("per_page", 10) }
  suspend fun a(id: Int) = client.get("$base/resources/locations/v2.0") { parameter("perPage", 10) } // !unknown-parameter
  suspend fun b() = client.post("${base}/resources/taxes/v2.0") { setBody(mapOf("name" to "VAT")) } // !missing-field
}
