"""The language of relations between features: text to tree."""
