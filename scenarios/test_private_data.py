"""The private data of a user can be exported, and a user can be deleted.

Business rule: the data of an existing user can be exported; a deleted user cannot be read or listed, and cannot
charge.
Documented: "Export All Private Data" (downloadUrl), users 1.0 (create, update, delete; snake_case when written,
camelCase when read).
"""

from allure import step

from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.people import USER, USERS, Drivers
from scenarios.vocabulary.waiting import looks

pytestmark = CRITICAL

EXPORT = "/actions/users/v2.0/{user}/export-all-private-data"


def test_a_user_is_changed_exported_and_gone(api: ScenarioApi, drivers: Drivers) -> None:
    """A user reads back as written, can be exported, and is gone when deleted."""
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
    with step("The user is deleted and gone"):
        api.delete(USER, user=driver.id)
        api.call("GET", USER, expected=(404,), user=driver.id)
        for look in looks(api.clock):
            with look:
                listed = api.get(USERS, query={"filter": {"email": before["email"]}})
                found = [entry["id"] for entry in listed.items if str(entry["id"]) == str(driver.id)]
                listed.require_equal(found, [], "deleted-not-listed", "the deleted user in the listing")
        api.call("GET", EXPORT, expected=(404,), user=driver.id)
