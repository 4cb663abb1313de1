"""同意 and 驳回: nothing that a handler wrote reaches the resident before a reviewer has read it."""
