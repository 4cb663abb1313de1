"""挂账 and 恢复办理: what cannot be done now waits until a date."""
