"""Id tags of drivers."""

import secrets

from allure import step

from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.people import Driver

TAGS = "/resources/id-tags/v2.0"
TAG = "/resources/id-tags/v2.0/{idTag}"


class Tags:
    """Gives drivers new tags, removed at the end of the scenario."""

    def __init__(self, api: ScenarioApi, cleanup: Cleanup) -> None:
        self._api = api
        self._cleanup = cleanup

    def new(self, driver: Driver) -> ScenarioResponse:
        """A new RFID tag of the driver."""
        with step("The driver gets an RFID tag"):
            uid = secrets.token_hex(7).upper()
            created = self._api.post(TAGS, {"idTagUid": uid, "type": "rfid", "status": "enabled", "userId": driver.id})
            self._cleanup.later("DELETE", TAG, idTag=created["id"])
        return created
