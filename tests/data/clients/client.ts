import axios from "axios";

const BASE = `https://${process.env.TENANT}/public-api`;
const PATHS = { sessions: "/resources/sessions/v1.0", user: "/resources/users/v1.0/:user" };
const api = axios.create({ baseURL: BASE, timeout: 5000 });

export const users = () => api.get<User[]>("/resources/users/v1.0", { params: { per_page: 50 }, withCredentials: true });
export const user = (id: number) => api.get(PATHS.user.replace(":user", String(id)), { signal, validateStatus: null });
export async function sessions(cursor: string) {
  const query = new URLSearchParams({ per_page: "100", cursor });
  query.append("filter[status]", "active");
  return fetch(`${BASE}${PATHS.sessions}?${query}`, { headers: { Accept: "application/json" } });
}
export const start = (evse: number) => fetch(`${BASE}/actions/evse/v1.0/${evse}/start`, {
  method: "POST",
  body: JSON.stringify({ userId: 5, paymentMethodId: null }),
});
export const remove = (id: number) => axios({ method: "delete", url: `${BASE}/resources/taxes/v2.0/${id}` });
export const any = (resource: string) => api.get(`/resources/${resource}/v1.0?per_page=${size}`);
app.get("/resources/users/v1.0/:id/avatar", handler);
class Service {
  list(): Observable<Tax[]> { return this.http.get<Tax[]>(`${this.base}/resources/taxes/v2.0`); }
}

export const limited = () => api.get("/resources/users/v1.0", { params: { limit: 50 } }); // !unknown-parameter
export const wrong = () => api.get(PATHS.sessions, { params: { "filter[status]": "activ" } }); // !invalid-parameter
export const put = (id: number) => fetch(BASE + "/resources/users/v1.0/" + id, { method: "PUT" }); // !unknown-method
export const begin = (e: number) => axios.post(`${BASE}/actions/evse/v1.0/${e}/begin`, {}); // !unknown-operation
export const create = () => api.post("/resources/taxes/v2.0", { name: "VAT", percent: 2 }); // !unknown-field, missing-field
export const typed = () => api.patch(`/resources/users/v1.0/${id}`, { userGroupIds: ["1"] }); // !invalid-field
export const inline = () => fetch(`${BASE}/resources/sessions/v1.0?${new URLSearchParams({ pageSize: "5" })}`); // !unknown-parameter
export const config = () => axios({ method: "get", url: `${BASE}/resources/taxes/v1.0` }); // !unknown-version
export const short = () => api.get("/users/v1.0", { params: { limit: 5 } }); // !unknown-parameter
export const guessed = () => api.get("/resources/users/v1.0", { limit: 5 }); // ?unknown-parameter
export async function set() {
  const url = new URL(`${BASE}/resources/sessions/v1.0`);
  url.searchParams.set("limit", "10");
  return fetch(url); // !unknown-parameter
}

const options = { method: "PUT" };
export const named = (id: number) => fetch(`${BASE}/resources/users/v1.0/${id}`, options); // !unknown-method
export const added = () => fetch(BASE + "/resources/users/v1.0" + "?" + new URLSearchParams({ limit: "5" })); // !unknown-parameter
export const listed = () => api.get(PATHS.sessions, { params: { include: ["externalAppData"], per_page: 10 } });
