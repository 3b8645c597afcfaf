"""One visit at the kiosk as a pure state machine: no input or output, no clock, no thread.

`step(session, event, now)` returns the next session and what is to be done (effects). `state.py` says what a session
is, `events.py` what can happen to it, `effects.py` what it can ask for.
"""
