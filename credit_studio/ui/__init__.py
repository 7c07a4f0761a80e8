"""The pages: the one room, with the root, that knows Reflex."""
