"""The tools of the Code Studio, one file each."""
