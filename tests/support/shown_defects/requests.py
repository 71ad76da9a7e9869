"""Requests that show defects of several kinds."""

from tests.support.defect_probes import NEW_USER, USERS, getting, sending

read = getting(f"{USERS}/1")
page = getting(USERS, per_page=3, page=2)
create = sending("POST", USERS, NEW_USER)
change = sending("PATCH", f"{USERS}/1", {"first_name": "Eva"})
removal = sending("DELETE", f"{USERS}/1")
stranger = sending("GET", USERS, Authorization="")
