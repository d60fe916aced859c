"""The contract suite: verifies any implementation of the Bardge reseller API."""
