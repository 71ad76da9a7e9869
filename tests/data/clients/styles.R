r <- httr::GET(paste0(base, "/public-api/resources/users/v1.0"), query = list(per_page = 5))
r <- httr::GET(paste0(base, "/public-api/resources/users/v1.0"), query = list(limit = 5)) # !unknown-parameter
