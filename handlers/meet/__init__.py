"""会商: the minutes of a meeting about a case, with decisions that have owners and dates."""
