public class Client {
  private static final String BASE = System.getenv("AMPECO") + "/public-api";
  private static final String USERS = BASE + "/resources/users/v1.0";
  public User user(int id) { return rest.getForObject(USERS + "/" + id, User.class); }
  public void update(int id, Object body) {
    rest.exchange(String.format("%s/resources/users/v1.0/%d", BASE, id), HttpMethod.PATCH, new HttpEntity<>(body), User.class);
  }
  public void create(RequestBody body) {
    client.newCall(new Request.Builder().url(BASE + "/resources/taxes/v2.0").post(body).build());
  }
  public String sessions() {
    return UriComponentsBuilder.fromHttpUrl(BASE + "/resources/sessions/v1.0").queryParam("per_page", 10).toUriString();
  }
  public User replace(int id, Object b) { return rest.exchange(USERS + "/" + id, HttpMethod.PUT, b, User.class); } // !unknown-method
  public String limited() { return builder.fromHttpUrl(BASE + "/resources/sessions/v1.0").queryParam("limit", 10).build(); } // !unknown-parameter
  public void tax() { HttpRequest.newBuilder().uri(URI.create(BASE + "/resources/tax/v2.0")).GET().build(); } // !unknown-operation
  public void old() { web.get().uri("/resources/taxes/v3.0").retrieve(); } // !unknown-version
  public void map() { rest.postForObject(BASE + "/resources/taxes/v2.0", Map.of("name", "VAT"), Tax.class); } // !missing-field
}
