"""How long the worker's event loop stands still when others choose the size of the work."""
