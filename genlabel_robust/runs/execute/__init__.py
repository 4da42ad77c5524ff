"""Cells computed, in parallel and resumable."""
