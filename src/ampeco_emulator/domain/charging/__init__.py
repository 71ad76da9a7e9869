"""Sessions, reservations and bookings on EVSEs."""
