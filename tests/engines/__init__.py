"""Tests of the embedded engines: the real ones, in their real processes."""
