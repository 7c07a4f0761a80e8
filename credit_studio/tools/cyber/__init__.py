"""The tools of the Cyber Studio, one file each."""
