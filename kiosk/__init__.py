"""The kiosk: a program for a Raspberry Pi (or any PC) with a camera, where residents collect by themselves.

It speaks to the station over HTTP only and imports nothing of it. docs/kiosk.md says how to set one up,
docs/architecture.md how it is built.
"""

VERSION = "0.1.0"
