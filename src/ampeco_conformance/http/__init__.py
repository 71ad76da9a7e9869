"""The HTTP client of the suite, with its rate limiter, safety guard, journal and clean-up."""
