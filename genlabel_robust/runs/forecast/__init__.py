"""What a run will do, take and be able to tell."""
