"""The layer that nobody wrote by hand: cases generated from openapi.yaml, bounded and seeded."""
