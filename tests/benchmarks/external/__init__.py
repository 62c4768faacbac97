"""Yardsticks that the project did not write: public data sets, read in place, the published figure beside ours.

`python -m tests.benchmarks.external [NAME …] [--extractor rules] [--limit N] [--json]`. The data lies outside the
repository, in `../shared/bench`; where it is absent the yardsticks say so and nothing fails. No sentence of it is kept
here or trained on. Every module says what its data is, which part of it the codebook covers and which it does not.
"""
