"""Programs that others wrote, as witnesses: what they make of openapi.yaml and of the sandbox's answers."""
