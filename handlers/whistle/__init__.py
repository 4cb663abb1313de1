"""吹哨、报到、协办完成: calling departments to a place at a time, and their answers."""
