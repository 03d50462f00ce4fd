"""Values that look like slips: misspelled ones, those of another column, repeats beyond chance."""
