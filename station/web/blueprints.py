"""Every blueprint of the product, one line for each room."""

from flask import Blueprint

from station.accounts.views import bp as accounts
from station.network.views import bp as network
from station.parcels.api import bp as parcels_api
from station.shelves.views import bp as shelves
from station.web.openapi import bp as openapi
from station.web.views import bp as web

# (blueprint, whether it is a JSON API: signed in by token, so exempt from the CSRF check)
BLUEPRINTS: tuple[tuple[Blueprint, bool], ...] = (
    (accounts, False),
    (network, False),
    (openapi, True),
    (parcels_api, True),
    (shelves, False),
    (web, False),
)
