const base = 'https://tenant.test/public-api';
const ok = await got(`${base}/resources/users/v1.0`, { searchParams: { per_page: 5 } }).json();
const ok2 = await superagent.get(base + '/resources/users/v1.0').query({ per_page: 5 });
const ok3 = ky.post(`${base}/resources/taxes/v2.0`, { json: { name: 'VAT', percentage: 20 } });
const ok4 = https.request({ hostname: 'tenant.test', path: '/public-api/resources/users/v1.0/5', method: 'GET' });
const bad1 = await got(`${base}/resources/users/v1.0`, { searchParams: { limit: 5 } }).json(); // !unknown-parameter
const bad2 = await superagent.get(base + '/resources/users/v1.0').query({ limit: 5 }); // !unknown-parameter
const bad3 = ky.post(`${base}/resources/taxes/v2.0`, { json: { name: 'VAT' } }); // !missing-field
const bad4 = https.request({ hostname: 'tenant.test', path: '/public-api/resources/users/v1.0/5', method: 'PUT' }); // !unknown-method
const xhr = new XMLHttpRequest();
xhr.open('PUT', base + '/resources/users/v1.0/' + id); // !unknown-method
$.getJSON('/public-api/resources/users/v1.0', { limit: 5 }); // ?unknown-parameter
const u = [base, 'resources', 'taxes', 'v9.0'].join('/'); // !unknown-version
const r = http.get(`${base}/resources/sesions/v1.0`); // !unknown-operation
const res = await client.request({ method: 'PATCH', path: `/public-api/resources/users/v1.0/${id}`, body: JSON.stringify({ firstName: 'A' }) }); // !unknown-field
const del = await ofetch('/resources/sessions/v1.0/5', { baseURL: base, method: 'DELETE' }); // !unknown-method
http.get(http.url`${BASE}/resources/users/v1.0/${id}`);
http.batch({ first: { method: "GET", url: `${BASE}/resources/userz/v1.0` } }); // !unknown-operation
