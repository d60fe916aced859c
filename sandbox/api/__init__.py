"""The emulated API: one journey for every request, one function for every operation."""
