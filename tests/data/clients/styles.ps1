Invoke-RestMethod -Uri "https://$h/public-api/resources/users/v1.0"
Invoke-RestMethod `
  -Uri "https://$h/public-api/resources/users/v1.0/5" `
  -Method Delete
Invoke-RestMethod -Uri "https://$h/public-api/resources/users/v1.0/5"
Invoke-RestMethod -Uri "https://$h/public-api/resources/users/v1.0/5" -Method Put # !unknown-method
$good = @{ name = "VAT"; percentage = 20 } | ConvertTo-Json
Invoke-RestMethod -Uri "https://$h/public-api/resources/taxes/v2.0" -Method Post -Body $good -ContentType "application/json"
$wrong = @{ nam = "VAT"; percentage = 20 } | ConvertTo-Json
Invoke-RestMethod -Uri "https://$h/public-api/resources/taxes/v2.0" -Method Post -Body $wrong # !unknown-field, missing-field
Invoke-RestMethod -Method Post -Body (@{ name = "VAT" } | ConvertTo-Json) `
  -Uri "https://$h/public-api/resources/taxes/v2.0" # !missing-field
Invoke-RestMethod -Uri "https://$h/public-api/resources/users/v1.0" -Body @{ limit = 5 } # !unknown-parameter
$splat = @{
    Method = "Delete"
    Uri = "https://tenant.test/public-api/resources/sessions/v1.0/5" # !unknown-method
}
Invoke-RestMethod @splat
