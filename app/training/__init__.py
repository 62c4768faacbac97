"""Making the learned core from annotated articles: one command, on a CPU, the same weights for the same articles.

In: a folder of annotated articles. Out: the files in `graph_data/model`. Nothing of this runs in the product, and
nothing outside this room imports it; PyTorch and LightGBM are needed here and nowhere else.
"""
