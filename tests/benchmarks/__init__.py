"""Measurements against something named, side by side and interleaved; ratios, never absolutes."""
