"""Draws a table's rows and those that are held out, and decides who counts them."""
