"""Recognising people who agreed to it, at this kiosk only: templates never leave its own encrypted store.

`finder.py` and `enrol.py` are what the runtime uses; `settings.py` holds every number. The packages that look at
faces are imported only by `embedder.load`, and when they fail only this way to collect is switched off.
"""
