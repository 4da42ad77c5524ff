"""Properties of the machine: threads, devices, memory, software and time."""
