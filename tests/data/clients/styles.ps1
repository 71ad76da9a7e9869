Invoke-RestMethod -Uri "https://$h/public-api/resources/users/v1.0"
Invoke-RestMethod `
  -Uri "https://$h/public-api/resources/users/v1.0/5" `
  -Method Delete
Invoke-RestMethod -Uri "https://$h/public-api/resources/users/v1.0/5"
Invoke-RestMethod -Uri "https://$h/public-api/resources/users/v1.0/5" -Method Put # !unknown-method
