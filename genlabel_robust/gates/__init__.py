"""The regression gate: results and a baseline to a verdict that CI can trust."""
