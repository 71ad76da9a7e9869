import aiohttp, httpx, urllib.request, urllib3
BASE = "https://tenant.test/public-api"
PER = {"per_page": 100}
class Ampeco:
    def __init__(self): self.http = httpx.Client(base_url=BASE)
    def ok(self): return self.http.get("/resources/users/v1.0", params=PER)
    async def aok(self, s):
        async with s.get(f"{BASE}/resources/sessions/v1.0", params={"filter[status]": "active"}) as r: return await r.json()
    def req(self): return urllib.request.urlopen(urllib.request.Request(BASE + "/resources/users/v1.0/5", method="GET"))
    def pool(self): return urllib3.PoolManager().request("GET", BASE + "/resources/users/v1.0", fields={"per_page": 5})
    def build(self): return self.http.build_request("POST", "/resources/taxes/v2.0", json=dict(name="VAT", percentage=20))
    async def limited(self, s):
        async with s.get(f"{BASE}/resources/users/v1.0", params={"limit": 5}) as r: return await r.json() # !unknown-parameter
    def poolbad(self): return urllib3.PoolManager().request("GET", BASE + "/resources/users/v1.0", fields={"limit": 5}) # !unknown-parameter
    def put(self): return urllib.request.Request(BASE + "/resources/users/v1.0/5", method="PUT") # !unknown-method
    def partial(self): return self.http.build_request("POST", "/resources/taxes/v2.0", json=dict(name="VAT")) # !missing-field
    def state(self): return self.http.get("/resources/sessions/v1.0", params=[("filter[state]", "active")]) # !unknown-filter
    def pct(self): return self.http.get("%s/resources/user/v1.0/%d" % (BASE, 5)) # !unknown-operation
    def fmt(self): return self.http.get("{}/resources/taxes/v9.0".format(BASE)) # !unknown-version
    def joined(self): return self.http.get("/".join([BASE, "resources", "taxes", "v8.0"])) # !unknown-version
