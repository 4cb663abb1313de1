"""满意 · 基本满意 · 不满意: only the reporter's word counts, and silence is not satisfaction."""
