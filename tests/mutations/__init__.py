"""The domain with one thing written wrong, again and again, and the contract suite alone to notice.

The bank of miniatures holds the sins that somebody thought of; these are the ones that nobody did.
"""
