"""The nouns of the house: records, terms, times, names and errors; knows no other room.

Standard library only, but for the list of the world's cities (`cities.py`).
"""
