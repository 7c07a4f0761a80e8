"""What is printed: sheets of A4 as PDF, in a font that has the letters of most names. It knows nothing of what stands on them."""
