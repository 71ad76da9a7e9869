class Ampeco {
    static final String USERS = BASE + "/public-api/resources/users/v1.0";

    void requests() {
        given().queryParam("per_page", 5).when().get("/public-api/resources/users/v1.0").then().statusCode(200);
        given().queryParam("limit", 5).when().get("/public-api/resources/users/v1.0").then().statusCode(200); // !unknown-parameter
        given().body("{\"title\": \"x\"}").post("/public-api/resources/user-groups/v1.0"); // !unknown-field, missing-field
        UriComponentsBuilder.fromHttpUrl(USERS).queryParam("size", 5).toUriString(); // !unknown-parameter
        HttpRequest patch = HttpRequest.newBuilder()
            .uri(URI.create(USERS + "/" + id)) // !unknown-field
            .method("PATCH", BodyPublishers.ofString("{\"firstName\": \"A\"}"))
            .build();
    }
}

interface Api {
    @RequestLine("GET /public-api/resources/users/v1.0/{id}")
    User user(@Param("id") long id);

    @RequestLine("GET /public-api/resources/user/v1.0/{id}") // !unknown-operation
    User wrong(@Param("id") long id);
}
