"""Tests of `app.queries`."""
