class J {
  HttpUrl ok = HttpUrl.parse(BASE + "/public-api/resources/users/v1.0").newBuilder().addQueryParameter("per_page", "5").build();
  Mono<User> user(long id) { return web.get().uri(b -> b.path("/public-api/resources/users/v1.0/{id}").build(id)).retrieve().bodyToMono(User.class); }
  HttpUrl limited = HttpUrl.parse(BASE + "/public-api/resources/users/v1.0").newBuilder().addQueryParameter("limit", "5").build(); // !unknown-parameter
  Mono<User> list() { return web.get().uri(b -> b.path("/public-api/resources/users/v1.0").queryParam("limit", 5).build()).retrieve(); } // !unknown-parameter
  HttpPut put = new HttpPut("https://tenant.test/public-api/resources/users/v1.0/5"); // !unknown-method
  Response r = target.path("/public-api/resources/users/v1.0").queryParam("limit", 5).request().get(); // !unknown-parameter
  Object x = restClient.delete().uri("/public-api/resources/sessions/v1.0/{id}", id).retrieve(); // !unknown-method
  URL taxes = new URL("https://tenant.test/public-api/resources/taxes/v9.0"); // !unknown-version
}
@FeignClient(name = "ampeco", url = "${ampeco.url}/public-api")
interface F {
  @GetMapping("/resources/users/v1.0/{id}") User ok(@PathVariable long id);
  @PutMapping("/resources/users/v1.0/{id}") User bad(@PathVariable long id, @RequestBody User user); // !unknown-method
  @GetMapping("/resources/users/v1.0") List<User> limited(@RequestParam("limit") int limit); // !unknown-parameter
}
