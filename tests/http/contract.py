"""What the API's document promises, as schemathesis reads it, and an application that answers it in process."""

import re
from collections.abc import Callable, Iterable
from contextvars import copy_context
from functools import cache
from typing import Any

import schemathesis
from flask import Flask
from flask.globals import _cv_app
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.test import TestResponse

from station.web import openapi
from station.web.blueprints import BLUEPRINTS

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
PLACE = re.compile(r"{([a-z_]+)}")
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


@cache
def document() -> dict[str, Any]:
    """Return the document as it is served; making it needs routes, no database."""
    app = Flask("described")
    for blueprint, is_api in BLUEPRINTS:
        if is_api:
            app.register_blueprint(blueprint)
    with app.app_context():
        return openapi.document(app)


@cache
def operations() -> dict[str, APIOperation]:
    """Return every operation of the document by its name."""
    schema = schemathesis.openapi.from_dict(document())
    return {
        one["operationId"]: schema[path][method]
        for path, methods in document()["paths"].items()
        for method, one in methods.items()
    }


def hold(answer: TestResponse) -> TestResponse:
    """Fail unless the document describes this answer of the API; return it."""
    asked = (answer.request.method, answer.request.path)
    for method, address, operation in _addresses():
        if method == asked[0] and address.fullmatch(asked[1]):
            places = dict.fromkeys(PLACE.findall(operation.path), "1")
            operation.Case(path_parameters=places).validate_response(answer, checks=CHECKS)
            break
    return answer


@cache
def _addresses() -> list[tuple[str, re.Pattern[str], APIOperation]]:
    """Return method, address and operation of each."""
    found = operations().values()
    return [(one.method.upper(), re.compile(PLACE.sub("[0-9]+", one.path)), one) for one in found]


def key_of(operation: APIOperation) -> str | None:
    """Return what kind of key opens an operation: device, kiosk, carrier, none for everybody."""
    described = document()["paths"][operation.path][operation.method]
    return next((kind for one in described["security"] for kind in one), None)


def in_process(app: Flask) -> Wsgi:
    """Return the application with each request in a context of its own, as on a real server."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        _cv_app.set(None)  # type: ignore[arg-type]
        return app.wsgi_app(environ, start_response)

    return lambda environ, start_response: copy_context().run(answer, environ, start_response)
