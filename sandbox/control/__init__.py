"""The control plane: what a tester may do and a client never could."""
