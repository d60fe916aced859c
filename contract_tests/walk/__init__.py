"""Walks: many steps in a row, held against a model or along the document's own links."""
