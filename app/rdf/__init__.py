"""A `ConflictGraph` in; RDF files, SHACL reports and SPARQL answers out. What is alleged is never asserted.

Start at `serialise` (files), `shapes` (validation) or `sparql` (questions). Nothing is imported here, so that a door
that needs none of them pays for none.
"""
