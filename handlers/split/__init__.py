"""拆分: parts of a case go to other units, and the whole waits for them."""
