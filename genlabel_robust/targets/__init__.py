"""Trained models as targets that attacks can query."""
