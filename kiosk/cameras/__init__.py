"""Cameras: frames from whatever shows something, and the thread that always has the newest one."""
