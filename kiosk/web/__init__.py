"""The kiosk's page: what stands on its screen, and the touches that come back.

`app.py` has the addresses, `guard.py` who may ask, `streams.py` what flows for as long as a page is open, `view.py`
what a screen is drawn from, `spoken.py` what is said aloud. It decides nothing: the session does.
"""
