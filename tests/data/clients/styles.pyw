import json
import requests

ROUTES = {
    "users": ("GET", "/resources/users/v1.0"),
    "replace": ("PUT", "/resources/users/v1.0/{id}"),  # !unknown-method
}
URL = "https://tenant.test/public-api/resources/taxes/v2.0"
GROUPS = "https://tenant.test/public-api/resources/user-groups/v1.0"

payload = json.dumps({"name": "VAT", "percentage": 20})
requests.request("POST", URL, headers=HEADERS, data=payload)
requests.post(GROUPS, data='{"name": "%s"}' % name, headers=HEADERS)
requests_mock.post(GROUPS, json={"data": {"id": 3}})

form = {"name": "VAT", "percentage": 20}
requests.post(URL, data=form)  # !media-type
requests.post(GROUPS, data='{"title": "x"}', headers=HEADERS)  # !unknown-field, missing-field
wrong = {"name": "VAT", "percentage": "20"}
requests.post(URL, data=json.dumps(wrong))  # !invalid-field
