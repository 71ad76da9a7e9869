"""The control plane under /_emulator/: clock, state, chargers, defects, deliveries. A token is optional.

One table of operations generates the routes, the validation of bodies, and the OpenAPI document of the control plane.
"""

import gc
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

import jsonschema_rs
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.control.overview import overview
from ampeco_emulator.control.saved_state import SavedState
from ampeco_emulator.domain.charging import chargers, drivers
from ampeco_emulator.domain.charging.evses import CHARGERS
from ampeco_emulator.domain.integrations import roaming
from ampeco_emulator.domain.integrations.webhooks import Webhooks
from ampeco_emulator.domain.network.features import FEATURES
from ampeco_emulator.faults import DEFECTS, DefectSwitch
from ampeco_emulator.http.api import token_of
from ampeco_emulator.http.request_log import RequestLog
from ampeco_emulator.http.switched_off import features_of
from ampeco_emulator.settings import ROLES, Access, EmulatorSettings
from ampeco_emulator.variants import overrides_of, variants_named

_LONGEST_ADVANCE = 10 * 366 * 86400
_TEXT, _NUMBER, _FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
_OPTIONAL_NUMBER = {"type": ["integer", "null"]}


class NotFoundError(Exception):
    """The record does not exist."""


def _object(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": [*required], "properties": properties, "additionalProperties": False}


@dataclass(frozen=True)
class ControlOperation:
    """One operation of the control plane. `handle` maps the body and the ids in the path to the response."""

    method: str
    path: str
    summary: str
    handle: Callable[[dict[str, Any], Mapping[str, int]], dict[str, Any]]
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class ControlPlane:
    """What the control plane shows and changes."""

    backend: Backend
    settings: EmulatorSettings
    webhooks: Webhooks
    state: SavedState
    defects: DefectSwitch
    log: RequestLog

    def routes(self) -> list[Route]:
        """The routes of its operations."""
        return [
            Route(
                operation.path.replace("}", ":int}"),
                _endpoint(operation, self.settings),
                methods=[operation.method],
                name=operation.summary,
            )
            for operation in self.operations()
        ]

    def operations(self) -> list[ControlOperation]:
        """What can be asked and told, in the order of the document."""
        advance = _object("advance", advance={"type": "number", "minimum": 0, "maximum": _LONGEST_ADVANCE})
        settings = _object(
            latency={"type": "number", "minimum": 0, "description": "seconds"},
            rateLimit={**_OPTIONAL_NUMBER, "minimum": 0, "description": "requests per minute and token"},
            dailyLimit={**_OPTIONAL_NUMBER, "minimum": 0, "description": "requests per day and token"},
            appVersion=_TEXT,
            featuresOff={
                "type": "array",
                "items": {"enum": features_of(self.backend.specification)},
                "description": "not enabled: answered 404",
            },
            strict=_FLAG,
            retryPause={"type": "number", "minimum": 0, "description": "seconds; doubled with every failed delivery"},
            deliverAnywhere={**_FLAG, "description": "send webhooks to other hosts than loopback too"},
            unsupported={"type": "array", "items": {"enum": list(FEATURES)}, "description": "answered 501"},
        )
        scope = {"partnerId": _OPTIONAL_NUMBER, "operatorId": _OPTIONAL_NUMBER}
        token = _object("token", token=_TEXT, role={"enum": list(ROLES)}, **scope)
        evse = _object(charger={"enum": list(CHARGERS)}, refuseWith={"type": ["string", "null"]})
        transfer = _object(
            "chargePointId", "vendorId", chargePointId=_NUMBER, vendorId=_TEXT, messageId=_TEXT, data=_TEXT
        )
        anything: dict[str, Any] = {"type": "object"}
        return [
            ControlOperation("GET", "/", "The served API and the time", self._about),
            ControlOperation("GET", "/openapi.json", "This document", self._document),
            ControlOperation("GET", "/clock", "The time", self._show_clock),
            ControlOperation("POST", "/clock", "Advance the clock", self._advance, advance),
            ControlOperation("POST", "/reset", "Return to the seeded state", self._reset),
            ControlOperation("GET", "/state", "The complete state", lambda *_: self.state.snapshot()),
            ControlOperation("PUT", "/state", "Replace the state", self._restore, anything),
            ControlOperation(
                "GET",
                "/defects",
                "The defects, the active one, and the responses that a mutation has changed",
                self._show_defects,
            ),
            ControlOperation(
                "PUT",
                "/defects",
                "Switch one defect on, or with null all of them off",
                self._choose_defect,
                _object("defect", defect={"type": ["string", "null"]}),
            ),
            ControlOperation(
                "PUT",
                "/variants",
                "Be a correct server that behaves differently, by the names of variants, from the seeded state on",
                self._choose_variants,
                _object("variants", variants={"type": "array", "items": _TEXT}),
            ),
            ControlOperation("GET", "/settings", "The settings", self._show_settings),
            ControlOperation("PATCH", "/settings", "Change settings", self._change_settings, settings),
            ControlOperation(
                "POST", "/tokens", "Add a token with its role and the records it may access", self._add_token, token
            ),
            ControlOperation(
                "PUT",
                "/evses/{evse}",
                "Set how a charger responds to commands, and why starts are refused",
                self._change_charger,
                evse,
            ),
            ControlOperation(
                "POST",
                "/evses/{evse}/tap",
                "Tap an id tag: its session begins, or ends; a tag that does not authorize is rejected",
                lambda body, ids: drivers.tap(self.backend, self._evse(ids), body["idTag"]),
                _object("idTag", idTag=_TEXT),
            ),
            ControlOperation(
                "POST",
                "/evses/{evse}/plug",
                "Plug a car in",
                lambda _, ids: drivers.plug(self.backend, self._evse(ids)),
            ),
            ControlOperation(
                "POST",
                "/evses/{evse}/unplug",
                "Unplug the car: the session ends",
                lambda _, ids: drivers.unplug(self.backend, self._evse(ids)),
            ),
            ControlOperation(
                "POST",
                "/evses/{evse}/meter",
                "Let the meter report now",
                lambda _, ids: drivers.meter(self.backend, self._evse(ids)),
            ),
            ControlOperation(
                "PUT",
                "/charge-points/{chargePoint}",
                "Connect or disconnect a charge point",
                self._change_connection,
                _object("connected", connected=_FLAG),
            ),
            ControlOperation(
                "POST", "/cdrs", "Receive a CDR with these fields from a roaming party", self._receive_cdr, anything
            ),
            ControlOperation(
                "POST", "/data-transfers", "Receive a data transfer from a charge point", self._receive_data, transfer
            ),
            ControlOperation(
                "GET", "/deliveries", "The latest webhook deliveries", lambda *_: {"data": self.webhooks.dump()}
            ),
            ControlOperation("GET", "/overview", "The present state in short", self._overview),
            ControlOperation("GET", "/requests", "The latest requests", lambda *_: {"data": self.log.dump()}),
        ]

    def _about(self, *_: Any) -> dict[str, Any]:
        specification = self.backend.specification
        return {
            "emulator": "ampeco-emulator",
            "api": specification.api,
            "apiVersion": specification.version,
            "clock": format_timestamp(self.backend.now()),
        }

    def _overview(self, *_: Any) -> dict[str, Any]:
        return overview(self.backend, self.settings, self.webhooks)

    def _document(self, *_: Any) -> dict[str, Any]:
        return openapi(self.operations())

    def _show_clock(self, *_: Any) -> dict[str, Any]:
        return {"clock": format_timestamp(self.backend.now())}

    def _advance(self, body: dict[str, Any], _ids: Mapping[str, int]) -> dict[str, Any]:
        self.backend.clock.advance(float(body["advance"]))
        self.backend.tick()
        return self._show_clock()

    def _reset(self, *_: Any) -> dict[str, Any]:
        self.state.reset()
        self.webhooks.deliveries.clear()
        return self._about()

    def _restore(self, body: dict[str, Any], _ids: Mapping[str, int]) -> dict[str, Any]:
        self.state.restore(body)
        # A large state would be visited again and again by the collector, at the cost of the requests.
        gc.freeze()
        return self._about()

    def _show_defects(self, *_: Any) -> dict[str, Any]:
        present = self.defects.active
        known = [{"name": item.name, "class": item.area, "meaning": item.meaning} for item in DEFECTS]
        changed = next((defect.changed() for defect in present if defect.changed), None)
        names = "+".join(defect.name for defect in present) or None
        return {"defect": names, "changed": changed, "known": known}

    def _choose_defect(self, body: dict[str, Any], _ids: Mapping[str, int]) -> dict[str, Any]:
        name = body["defect"]
        self.defects.select(name)
        return {"defect": name}

    def _choose_variants(self, body: dict[str, Any], _ids: Mapping[str, int]) -> dict[str, Any]:
        self.defects.stand_on(overrides_of(variants_named(body["variants"])))
        self.backend.unsupported = frozenset()
        self._reset()
        return body

    def _show_settings(self, *_: Any) -> dict[str, Any]:
        settings = self.settings
        return {
            "latency": settings.latency,
            "rateLimit": settings.rate_limit,
            "dailyLimit": settings.daily_limit,
            "appVersion": settings.app_version,
            "featuresOff": sorted(settings.features_off),
            "strict": settings.strict,
            "retryPause": settings.retry_pause,
            "deliverAnywhere": settings.deliver_anywhere,
            "unsupported": sorted(self.backend.unsupported),
        }

    def _change_settings(self, body: dict[str, Any], _ids: Mapping[str, int]) -> dict[str, Any]:
        settings = self.settings
        settings.latency = float(body.get("latency", settings.latency))
        settings.rate_limit = body.get("rateLimit", settings.rate_limit)
        settings.daily_limit = body.get("dailyLimit", settings.daily_limit)
        settings.app_version = body.get("appVersion", settings.app_version)
        settings.features_off = frozenset(body.get("featuresOff", settings.features_off))
        settings.strict = body.get("strict", settings.strict)
        settings.retry_pause = float(body.get("retryPause", settings.retry_pause))
        settings.deliver_anywhere = body.get("deliverAnywhere", settings.deliver_anywhere)
        self.backend.unsupported = frozenset(body.get("unsupported", self.backend.unsupported))
        return self._show_settings()

    def _add_token(self, body: dict[str, Any], _ids: Mapping[str, int]) -> dict[str, Any]:
        access = Access(body.get("role", ROLES[0]), body.get("partnerId"), body.get("operatorId"))
        self.settings.tokens[body["token"]] = access
        return {"role": access.role, "partnerId": access.partner, "operatorId": access.operator}

    def _change_charger(self, body: dict[str, Any], ids: Mapping[str, int]) -> dict[str, Any]:
        evse = self._found("evses", ids["evse"])
        evse.state |= body
        return {name: evse.state.get(name) for name in ("charger", "refuseWith")}

    def _change_connection(self, body: dict[str, Any], ids: Mapping[str, int]) -> dict[str, Any]:
        charge_point = self._found("charge-points", ids["chargePoint"])
        status = "available" if body["connected"] else "temporarily_unavailable"
        chargers.connect(self.backend, charge_point, status, self.backend.now())
        return {"connected": body["connected"]}

    def _receive_cdr(self, body: dict[str, Any], _ids: Mapping[str, int]) -> dict[str, Any]:
        return {"id": roaming.receive_cdr(self.backend, body).id}

    def _receive_data(self, body: dict[str, Any], _ids: Mapping[str, int]) -> dict[str, Any]:
        self._found("charge-points", body["chargePointId"])
        self.backend.announce("chargePoint.dataTransferReceived", body)
        return body

    def _evse(self, ids: Mapping[str, int]) -> Record:
        self.backend.tick()
        return self._found("evses", ids["evse"])

    def _found(self, resource_type: str, number: int) -> Record:
        record = self.backend.store.peek(resource_type, number)
        if record is None:
            raise NotFoundError
        return record


def openapi(operations: list[ControlOperation]) -> dict[str, Any]:
    """The control plane as an OpenAPI document."""
    paths: dict[str, dict[str, Any]] = {}
    response = {"description": "Done", "content": {"application/json": {"schema": {"type": "object"}}}}
    for item in operations:
        described: dict[str, Any] = {"summary": item.summary, "responses": {"200": response}}
        if item.body is not None:
            content = {"application/json": {"schema": item.body}}
            described["requestBody"] = {"required": True, "content": content}
            described["responses"] = {
                "200": response,
                "422": {"description": "The body is invalid; the message says why"},
            }
        if "{" in item.path:
            name = item.path[item.path.index("{") + 1 : item.path.index("}")]
            described["parameters"] = [{"name": name, "in": "path", "required": True, "schema": _NUMBER}]
            described["responses"] = {**described["responses"], "404": {"description": "The record does not exist"}}
        paths.setdefault(item.path, {})[item.method.lower()] = described
    info = {"title": "Control plane of the emulator", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "servers": [{"url": "/_emulator"}], "paths": paths}


def _endpoint(operation: ControlOperation, settings: EmulatorSettings) -> Callable[[Request], Awaitable[Response]]:
    """The handler of an operation; an invalid body is refused with 422 and one line that says why."""
    validator = jsonschema_rs.Draft202012Validator(dict(operation.body)) if operation.body is not None else None

    async def handle(request: Request) -> Response:
        if settings.control_token is not None and not compare_digest(
            token_of(request).encode(), settings.control_token.encode()
        ):
            return _json({"message": "the control plane needs its token: Authorization: Bearer TOKEN"}, 401)
        try:
            body = orjson.loads(await request.body()) if validator is not None else {}
            error = next(iter(validator.iter_errors(body)), None) if validator is not None else None
            if error is not None:
                field = ".".join(map(str, error.instance_path))
                return _json({"message": f"{field}: {error.message}" if field else error.message}, 422)
            return _json(operation.handle(body, request.path_params))
        except NotFoundError:
            return _json({"message": "the record does not exist"}, 404)
        except orjson.JSONDecodeError as error:
            return _json({"message": f"the body is not JSON: {error}"}, 422)
        except ConfigurationError as error:
            return _json({"message": str(error)}, 422)

    return handle


def _json(body: dict[str, Any], status: int = 200) -> Response:
    # The state has hundreds of kilobytes.
    return Response(orjson.dumps(body), status, media_type="application/json")
