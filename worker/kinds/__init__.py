"""What a column is: judged from its values, the contract's type and, weakly, its name."""
