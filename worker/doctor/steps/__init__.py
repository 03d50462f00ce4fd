"""The steps of the doctor: one module for each, in the terms in which its line names it."""
