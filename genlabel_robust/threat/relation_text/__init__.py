"""The language of relations between features: from a text to its tree."""
