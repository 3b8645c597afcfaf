"""The API's description: complete, without loose ends, and what the endpoints really do."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from station.core.errors import CATALOGUE
from station.kiosks import schemas as kiosks
from station.kiosks import watch_schemas as kiosk_watch
from station.parcels import schemas
from station.web import openapi
from station.web.blueprints import BLUEPRINTS
from station.web.openapi import PLACE, PREFIX

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def app() -> Flask:
    """Routes without a database."""
    app = Flask("described")
    for blueprint, is_api in BLUEPRINTS:
        if is_api:
            app.register_blueprint(blueprint)
    return app


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    with app.app_context():
        return openapi.document(app)


# One is posted to keep what is asked out of the address and writes nothing, one proves a code, one tells a state anew.
WITHOUT_KEY = {"searchParcels", "enrolKiosk", "kioskReport"}


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def every(node: Any, key: str) -> list[Any]:
    """Return every value that stands under `key` anywhere in the document."""
    if isinstance(node, list):
        return [found for child in node for found in every(child, key)]
    if not isinstance(node, dict):
        return []
    own = [node[key]] if key in node else []
    return own + [found for child in node.values() for found in every(child, key)]


def test_the_document_says_that_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert {"openapi", "info", "paths", "components"} <= document.keys()
    assert document["info"].keys() >= {"title", "version"}


def test_every_endpoint_of_the_api_is_described(app: Flask, document: dict[str, Any]) -> None:
    routes = {
        (PLACE.sub(r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(PREFIX) and rule.endpoint != "openapi.openapi"
    }
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert described == routes


def test_every_operation_says_whose_token_opens_it(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"].keys()
    needed = {one["operationId"]: [*map(list, one["security"])] for one in operations(document)}
    assert [name for name, kinds in needed.items() if not kinds] == ["enrolKiosk"]
    assert {kind for kinds in needed.values() for (kind,) in kinds} == schemes
    assert (needed["checkIn"], needed["kioskSetup"]) == ([["device"]], [["kiosk"]])
    assert needed["announce"] == needed["listEvents"] == [["carrier"]]


def test_every_operation_has_a_name_of_its_own_that_fits_a_key_s_scope(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document)]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 40 for name in names)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas_known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    references = set(every(document, "$ref"))
    assert references <= schemas_known
    assert schemas_known <= references


def test_every_place_in_an_address_is_a_parameter(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        places = set(re.findall(r"{([a-z_]+)}", path))
        for operation in methods.values():
            named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert named == places


def test_every_writing_operation_asks_for_a_key_and_a_body(document: dict[str, Any]) -> None:
    for methods in document["paths"].values():
        for method, operation in methods.items():
            keys = [one for one in operation["parameters"] if one["in"] == "header"]
            assert ("requestBody" in operation) == (method == "post")
            assert bool(keys) == (method == "post" and operation["operationId"] not in WITHOUT_KEY)


def test_every_object_taken_refuses_unknown_fields(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert "enum" in schema or schema.get("additionalProperties") is False, name


def test_every_text_and_list_taken_is_bounded() -> None:
    taken = (
        *(schemas.CheckIn, schemas.CheckInBatch, schemas.Take, schemas.TakeMany, schemas.Undo),
        *(kiosks.KioskEnrolment, kiosks.KioskShown, kiosks.KioskReleaseIn, kiosks.KioskReplayIn),
        *(kiosk_watch.KioskReportIn, kiosk_watch.KioskAlertIn, kiosk_watch.KioskPhotoIn),
    )
    for model in taken:
        for schema in typed(model.model_json_schema()):
            if schema["type"] == "string":
                assert schema.keys() & {"maxLength", "pattern", "enum", "format"}, (model.__name__, schema)
            if schema["type"] == "array":
                assert "maxItems" in schema, (model.__name__, schema)


def typed(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [found for child in node for found in typed(child)]
    if not isinstance(node, dict):
        return []
    own = [node] if isinstance(node.get("type"), str) else []
    return own + [found for child in node.values() for found in typed(child)]


def test_every_refusal_named_is_in_the_catalogue(document: dict[str, Any]) -> None:
    for operation in operations(document):
        for status, response in operation["responses"].items():
            for code in re.findall(r"^`([a-z_]+)`", response["description"], re.MULTILINE):
                assert CATALOGUE[code][0] == int(status)


def test_the_documentation_names_every_endpoint(document: dict[str, Any]) -> None:
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"`{method.upper()} {path}`" in text
