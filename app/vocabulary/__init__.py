"""The nouns of the house: records, terms, times, names and errors. Standard library only; knows no other room."""
