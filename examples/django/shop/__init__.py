"""The shop: what is personal on its cached pages is in islands.py."""
