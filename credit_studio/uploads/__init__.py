"""Files that people bring for a run: theirs alone, gone after an hour, and soon after a run has taken them.

Owns the table `upload` and the files under `settings.upload_dir`. Does not own what is done with a file: `runs` reads its text.
Invariants: a file rests under a name that we chose, outside of everything that is served; whoever is not the owner finds nothing;
a row goes before its file, so that a row always has its file.
"""
