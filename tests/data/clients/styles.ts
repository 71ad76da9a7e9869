import type { User } from "@/resources/users/v1.1";
import charger from "../resources/charge-point/v2.0";

const body = { name: "VAT", percentage: 20 };
const text = JSON.stringify({ name: "VAT" });
const client = createClient<paths>({ baseUrl: HOST });

export const post = () => fetch(`${BASE}/public-api/resources/taxes/v2.0`, { method: "POST", body: JSON.stringify(body) });
export const typed = () => client.GET("/public-api/resources/users/v1.0/{user}", { params: { path: { user: 5 } } });
export const paged = () => client.GET("/public-api/resources/users/v1.0", { params: { query: { per_page: 5 } } });
export async function next(cursor?: string) {
  const params: Record<string, string> = { per_page: "100" };
  if (params.limit === undefined && cursor) params.cursor = cursor;
  return api.get("/resources/sessions/v1.0", { params });
}
mockServer.post("/public-api/resources/user-groups/v1.0", { data: { id: 5 } });
export const users = { query: () => ({ url: "/public-api/resources/users/v1.0", params: { per_page: 5 } }) };

export const partial = () => fetch(`${BASE}/public-api/resources/taxes/v2.0`, { method: "POST", body: text }); // !missing-field
export const many = () => api.get("/resources/sessions/v1.0", { params: { per_page: 500 } }); // !invalid-parameter
export const group = () => agent.post(`${BASE}/public-api/resources/user-groups/v1.0`).send({ name: 5 }); // !invalid-field
export const limit = () => client.GET("/public-api/resources/users/v1.0", { params: { query: { limit: 5 } } }); // !unknown-parameter
export async function later(cursor?: string) {
  const params: Record<string, string> = { per_page: "100" };
  if (cursor) params.next = cursor;
  return api.get("/resources/sessions/v1.0", { params }); // !unknown-parameter
}
export const endpoints = (build) => ({
  users: build.query({ query: () => ({ url: "/public-api/resources/users/v1.0", params: { limit: 5 } }) }), // !unknown-parameter
});
$.ajax({ url: "/public-api/resources/users/v1.0", type: "GET", data: { limit: 5 } }); // !unknown-parameter
