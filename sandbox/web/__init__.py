"""The doors: how requests reach the gateway, and the pages for people."""
