"""What the entries alone tell of an account: its proof, its balance at a past instant, its statement of a month; and whether its rows agree.

Reads only, and owns no table. Nothing here knows how an entry came about: transfers are added up, whatever the command was.
"""
