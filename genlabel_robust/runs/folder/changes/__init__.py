"""Differences between a folder's run and the requested one."""
