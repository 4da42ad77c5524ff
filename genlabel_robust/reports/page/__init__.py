"""The audit report as one HTML page, and as a PDF."""
