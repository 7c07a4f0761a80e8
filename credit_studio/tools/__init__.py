"""The tools: each one file that declares everything about itself.

Owns what a tool is, the language its results are shown in, and the tools themselves. Knows nothing of users, credits, pages or
routes. `base.py`, `blocks.py` and every client or hybrid tool import the standard library and `annotated_types` only, because
the same files run in the visitor's browser.
"""
