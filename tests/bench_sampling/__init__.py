"""Which sampling gives rules that hold: measured on the tables of the demo."""
