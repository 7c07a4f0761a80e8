"""The tools of the Data Studio, one file each."""
