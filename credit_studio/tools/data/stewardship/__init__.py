"""Who decides on data, how mature its management is, and the papers, matrices and steps that follow from both."""
