"""The layer of stories: scenarios/*.yaml, played step by step in worlds of their own."""
