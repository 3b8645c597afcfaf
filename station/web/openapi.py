"""The API's own description: OpenAPI 3.1, made from the operations that endpoints declare (api.py).

Source: OpenAPI Specification 3.1.0; schemas are JSON Schema 2020-12 as pydantic writes them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, jsonify
from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from werkzeug.routing import Rule

from station.core.errors import CATALOGUE
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.web.api import KEY_HEADER, Id, Operation, Sent
from station.web.errors import API_PREFIX, PROBLEM_JSON
from station.web.gate import public

PREFIX = f"{API_PREFIX}v1"
REFERENCE = "#/components/schemas/{model}"
EVERYWHERE = (
    "sign_in_needed",
    "forbidden",
    "bad_input",
    "too_many_attempts",
    "failed",
    "database_outdated",
)
CARRYING: dict[Sent, tuple[str, ...]] = {
    Sent.QUERY: (),
    Sent.BODY: ("too_large",),
    Sent.KEYED_BODY: ("idempotency_key_missing", "idempotency_key_reused", "too_large"),
}
# Whose token opens an operation that needs a permission: the scheme's name, and where such a token comes from.
TOKENS = {
    Permission.API: ("device", "The token of a device of the station."),
    Permission.KIOSK: ("kiosk", "The token of a kiosk of the station, answered by enrolKiosk."),
    Permission.CARRIER_API: ("carrier", "The key of a carrier's system, with the scopes the manager chose."),
}
PLACE = re.compile(r"<(?:[^:<>]*:)?([a-z_]+)>")
JSON = "application/json"

bp = Blueprint("openapi", __name__, url_prefix=PREFIX)


class Problem(BaseModel):
    """A refusal (RFC 9457). `code` is stable; `detail` says in the caller's language what to do next."""

    model_config = ConfigDict(extra="forbid")

    type: str
    title: str
    status: int
    code: str
    detail: str
    facts: dict[str, Any]


class _ParcelPath(BaseModel):
    """Names what stands in addresses."""

    id: Id


@bp.get("/openapi.json")
@public
def openapi() -> Response:
    """Answer the description of the API."""
    return jsonify(document(current_app))


def document(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI document of every endpoint of `app` that declares an operation."""
    found = list(_endpoints(app))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Stationmaster", "version": "1", "description": _DESCRIPTION},
        "paths": _paths(found),
        "components": {
            "schemas": _schemas(found),
            "securitySchemes": {
                name: {"type": "http", "scheme": "bearer", "description": text}
                for name, text in TOKENS.values()
            },
        },
    }


_DESCRIPTION = (
    "Ids are strings of digits. Times are RFC 3339 with an offset. Every request that writes carries the header "
    f"{KEY_HEADER}; the same key and body act once and are answered the same. docs/api.md has examples."
)


@dataclass(frozen=True, slots=True)
class _Endpoint:
    rule: Rule
    operation: Operation[Any, Any]
    sent: Sent
    is_public: bool


def _endpoints(app: Flask) -> Iterator[_Endpoint]:
    rules = (rule for rule in app.url_map.iter_rules() if rule.rule.startswith(PREFIX))
    for rule in sorted(rules, key=lambda rule: rule.rule):
        view: Any = app.view_functions[rule.endpoint]
        declared = getattr(view, "declared", None)
        if declared is not None:
            operation, sent = declared
            yield _Endpoint(rule, operation, sent, is_public=view.gate is None)


def _paths(found: list[_Endpoint]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for one in found:
        path = PLACE.sub(r"{\1}", one.rule.rule)
        for method in (one.rule.methods or set()) - {"HEAD", "OPTIONS"}:
            paths.setdefault(path, {})[method.lower()] = _described(one)
    return paths


def _described(one: _Endpoint) -> dict[str, Any]:
    operation = one.operation
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [_path_parameter(name) for name in sorted(one.rule.arguments)],
        "responses": _responses(operation, EVERYWHERE + CARRYING[one.sent] + operation.refusals),
        "security": [] if one.is_public else [{TOKENS[operation.permission][0]: []}],
    }
    if one.sent is Sent.KEYED_BODY:
        described["parameters"].append(_KEY_PARAMETER)
    if one.sent is Sent.QUERY:
        described["parameters"] += _query_parameters(operation.takes)
    else:
        body = {JSON: {"schema": _reference(operation.takes)}}
        described["requestBody"] = {"required": True, "content": body}
        described["responses"]["415"] = _refused("The body is not sent as JSON.")
    return described


_KEY_PARAMETER = {
    "name": KEY_HEADER,
    "in": "header",
    "required": True,
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{8,80}$"},
}


def _path_parameter(name: str) -> dict[str, Any]:
    schema = _ParcelPath.model_json_schema()["properties"]["id"]
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    required = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": inner}
        for name, inner in schema["properties"].items()
    ]


def _responses(operation: Operation[Any, Any], codes: tuple[str, ...]) -> dict[str, Any]:
    responses: dict[str, Any] = {
        "200": {"description": "Done.", "content": {JSON: {"schema": _reference(operation.gives)}}}
    }
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(CATALOGUE[code][0], []).append(code)
    for status, grouped in sorted(by_status.items()):
        lines = [f"`{code}`: {_(CATALOGUE[code][1])}" for code in grouped]
        responses[str(status)] = _refused("\n".join(lines))
    return responses


def _refused(description: str) -> dict[str, Any]:
    return {"description": description, "content": {PROBLEM_JSON: {"schema": _reference(Problem)}}}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=model.__name__)}


def _schemas(found: list[_Endpoint]) -> dict[str, Any]:
    models: dict[type[BaseModel], JsonSchemaMode] = {Problem: "serialization"}
    for one in found:
        models[one.operation.gives] = "serialization"
        if one.sent is not Sent.QUERY:
            models[one.operation.takes] = "validation"
    _map, schema = models_json_schema(list(models.items()), ref_template=REFERENCE)
    return cast("dict[str, Any]", schema["$defs"])
