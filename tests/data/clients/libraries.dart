final ok = await dio.get('/public-api/resources/users/v1.0', queryParameters: {'per_page': 5});
final bad = await dio.get('/public-api/resources/users/v1.0', queryParameters: {'limit': 5}); // !unknown-parameter
@PUT('/public-api/resources/users/v1.0/{id}') // !unknown-method
Future<User> put(@Path() int id);
