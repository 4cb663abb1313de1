"""What people press, write and read: one folder per chat feature, discovered."""
