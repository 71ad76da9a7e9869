<?php
$ok = wp_remote_get($base . '/public-api/resources/users/v1.0?per_page=5');
$ok2 = $client->request('GET', '/public-api/resources/users/v1.0', ['query' => ['per_page' => 5]]);
$bad = wp_remote_get(add_query_arg(['limit' => 5], $base . '/public-api/resources/users/v1.0')); // !unknown-parameter
$bad2 = wp_remote_request($base . '/public-api/resources/users/v1.0/5', ['method' => 'PUT']); // !unknown-method
$bad3 = Http::baseUrl($base)->withQueryParameters(['limit' => 5])->get('/public-api/resources/users/v1.0'); // !unknown-parameter
$bad4 = $client->post('/public-api/resources/taxes/v2.0', [RequestOptions::JSON => ['name' => 'VAT']]); // !missing-field
$bad5 = $client->get(sprintf('%s/public-api/resources/taxes/v9.0', $base)); // !unknown-version
