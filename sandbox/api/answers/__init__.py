"""Answers: records as the API shows them, one file per tag."""
