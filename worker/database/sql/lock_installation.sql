-- One process at a time grants rights, until its transaction ends.
SELECT one_row FROM installation FOR NO KEY UPDATE
