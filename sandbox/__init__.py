"""The sandbox: a stateful stand-in for the Bardge reseller API."""
