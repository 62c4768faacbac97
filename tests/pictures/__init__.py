"""Tests of `app.pictures`."""
