"""The backend's tables: contracts and decisions are read, suggestions are written."""
