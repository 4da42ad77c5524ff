"""Files: opened, parsed and unpacked within limits, and written whole or not at all."""
