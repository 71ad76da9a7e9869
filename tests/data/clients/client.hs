{-# LANGUAGE OverloadedStrings #-}
-- Requests by wreq.
sessions = get "https://tenant.example.com/public-api/resources/sessions/v1.0"
replaced body = put "https://tenant.example.com/public-api/resources/sessions/v1.0" body -- !unknown-method
page = get "https://tenant.example.com/public-api/resources/sessions/v1.0?limit=5" -- !unknown-parameter
changed options body = putWith options "https://tenant.example.com/public-api/resources/sessions/v1.0" body -- !unknown-method
main = putStrLn "https://tenant.example.com/public-api/resources/sessions/v1.0"
