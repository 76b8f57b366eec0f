"""What the owner decides: one file of settings, and the errors that tell what is wrong with them."""
