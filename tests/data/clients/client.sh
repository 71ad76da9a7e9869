#!/usr/bin/env bash
BASE="https://$TENANT/public-api"
curl -sS -X PATCH "${BASE}/resources/users/v1.0/$ID" -H "Content-Type: application/json" --data '{"first_name": "A"}'
curl -sG "$BASE/resources/sessions/v1.0" --data-urlencode "per_page=10" \
  -H "Authorization: Bearer $TOKEN"
# curl https://tenant.test/public-api/resources/userz/v1.0
curl -H 'content-type: application/json' -d @tax.json "$BASE/resources/taxes/v2.0"
list() { curl -s $BASE/resources/users/v2.0?per_page=3; } # !unknown-version
out=$(curl -s "$BASE/resources/sesions/v1.0?filter[status]=active" | jq .) # !unknown-operation
curl -XPUT "$BASE/resources/users/v1.0/5" -d @user.json # !unknown-method
curl -G "$BASE/resources/users/v1.0" -d limit=10 # !unknown-parameter
curl -H 'content-type: application/json' --data-raw '{"name": "'"$NAME"'"}' "$BASE/resources/taxes/v2.0" # !missing-field
curl -d '{"name": "VAT", "percentage": 20}' "$BASE/resources/taxes/v2.0" # !media-type
