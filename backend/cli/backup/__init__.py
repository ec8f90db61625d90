"""Backups that are consistent while the server runs, and restoring them."""
