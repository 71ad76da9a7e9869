"""A user may ask for all private data, and may leave.

Business rule: the data of a user can be exported while there is a user; a deleted user is gone, cannot be read,
listed or charge.
Documented: "Export All Private Data" (downloadUrl), users 1.0 (create, update, delete; snake_case when written,
camelCase when read).
"""

from allure import step

from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.people import USER, USERS, Drivers

pytestmark = CRITICAL

EXPORT = "/actions/users/v2.0/{user}/export-all-private-data"


def test_a_user_is_changed_exported_and_gone(api: ScenarioApi, drivers: Drivers) -> None:
    """What is written reads back, everything is exported, and a deleted user is gone."""
    driver = drivers.new()
    with step("The name is changed"):
        before = api.get(USER, user=driver.id)
        api.patch(USER, {"first_name": "Ada", "post_code": "1000"}, user=driver.id)
        after = api.get(USER, user=driver.id)
        after.require_equal(after.get("firstName"), "Ada", "update-reads-back", "firstName")
        after.require_equal(after.get("postCode"), "1000", "update-reads-back", "postCode")
        for name in ("email", "lastName"):
            after.require_equal(after.get(name), before.get(name), "partial-update", f"{name} that was not sent")
    with step("The private data is exported"):
        exported = api.get(EXPORT, user=driver.id)
        exported.require(bool(exported.get("downloadUrl")), "export-has-address", "downloadUrl is missing")
    with step("The user leaves and is gone"):
        api.delete(USER, user=driver.id)
        api.call("GET", USER, expected=(404,), user=driver.id)
        listed = api.get(USERS, query={"filter": {"email": before["email"]}})
        found = [entry["id"] for entry in listed.items if str(entry["id"]) == str(driver.id)]
        listed.require_equal(found, [], "deleted-not-listed", "the deleted user in the listing")
        api.call("GET", EXPORT, expected=(404,), user=driver.id)
