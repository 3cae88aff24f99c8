"""Reviews for shops that have none: simulated from purchases, and always called so.

Plumbing only: their words follow a hidden quality of each article, so that there is something to find, but
what is found in them says nothing about the shop.
"""
