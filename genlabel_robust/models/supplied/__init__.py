"""The kinds of objects that users supply as models, one file for each."""
