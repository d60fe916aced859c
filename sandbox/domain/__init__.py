"""The rules and the nouns: plain values and plain functions; no clock, no SQL, no HTTP."""
