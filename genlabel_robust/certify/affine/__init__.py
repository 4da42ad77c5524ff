"""Affine models: exact distances, by whole steps and categories too."""
