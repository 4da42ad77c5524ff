"""What the machine gives: threads, devices, memory, software, time."""
