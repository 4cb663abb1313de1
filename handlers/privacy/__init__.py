"""What is stored about people: the notice, a copy for whoever asks, and being forgotten."""
