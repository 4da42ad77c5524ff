"""Forecasts: the work, duration and statistical power of a run."""
