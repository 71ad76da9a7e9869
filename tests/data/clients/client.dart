const base = 'https://tenant.test/public-api';
Future<void> users() async => http.get(Uri.parse('$base/resources/users/v1.0?per_page=10'));
Future<void> limited() async => http.get(Uri.https('tenant.test', '/public-api/resources/users/v1.0', {'limit': '10'})); // !unknown-parameter
Future<void> put(int id) async => dio.put('$base/resources/users/v1.0/$id', data: {'first_name': 'x'}); // !unknown-method
