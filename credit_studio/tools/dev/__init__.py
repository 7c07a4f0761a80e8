"""The tools of the Dev Studio, one file each."""
