wget -q -O users.json "https://$HOST/public-api/resources/users/v1.0?per_page=5"
wget --method=PUT --body-data='{}' "https://$HOST/public-api/resources/users/v1.0/5" # !unknown-method
http POST https://$HOST/public-api/resources/taxes/v2.0 name=VAT percentage:=20 "Authorization:Bearer $TOKEN"
http https://$HOST/public-api/resources/users/v1.0 limit==5 # !unknown-parameter
http POST https://$HOST/public-api/resources/taxes/v2.0 name=VAT percentage=20 # !invalid-field
apt-get install -y http wget curl
curl -s "$BASE/resources/sessions/v1.0?filter\[status\]=active&filter\[state\]=x" # !unknown-filter
curl --cacert /etc/ssl/own.pem --url-query "size=5" "$BASE/resources/users/v1.0" # !unknown-parameter
xh get "$BASE/resources/users/v1.0" size==5 # !unknown-parameter
http --ignore-stdin -A bearer -a "$TOKEN" POST "$BASE/resources/taxes/v2.0" name=VAT # !missing-field
wget --method PUT "$BASE/resources/users/v1.0/6" # !unknown-method
curl -T /tmp/public-api/user.json -X PATCH "$BASE/resources/users/v1.0/5"
