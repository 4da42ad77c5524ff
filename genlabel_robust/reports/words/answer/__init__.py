"""The answer of a run in sentences: the verdict, and what it rests on."""
