"""How the tables came to be what they are: a file for each change, applied at every start."""
