"""CAP messages to try things on: a weather warning of a town that does not exist, and parts of it."""

from datetime import datetime
from typing import Any, Final

from broadcasts.cap.model import (
    Area,
    Category,
    Certainty,
    Info,
    Message,
    MsgType,
    Named,
    Resource,
    ResponseType,
    Scope,
    Severity,
    Status,
    Urgency,
)

SENT: Final = datetime.fromisoformat("2026-11-21T09:30:00+08:00")
UNTIL: Final = datetime.fromisoformat("2026-11-22T09:30:00+08:00")


def info(**fields: Any) -> Info:
    """The warning's one block."""
    known: dict[str, Any] = {
        "category": (Category.MET,),
        "event": "暴雪",
        "urgency": Urgency.EXPECTED,
        "severity": Severity.SEVERE,
        "certainty": Certainty.LIKELY,
        "language": "zh-CN",
        "response_type": (ResponseType.PREPARE, ResponseType.AVOID),
        "event_code": (Named("GB/T 35561", "11A06"),),
        "effective": SENT,
        "expires": UNTIL,
        "sender_name": "示范市气象台",
        "headline": "暴雪橙色预警 <演示> & 更多",
        "description": "预计6小时内降雪10毫米以上。",
        "instruction": "请减少外出。",
        "web": "https://example.org/warning?a=1&b=2",
        "parameter": (Named("ColourLevel", "orange"),),
        "resource": (Resource("map", "image/png", 1024, "https://example.org/map.png"),),
        "area": (
            Area(
                "示范街道",
                polygon=("37.1,120.1 37.2,120.1 37.2,120.2 37.1,120.1",),
                circle=("37.15,120.15 3.5",),
                geocode=(Named("GB/T 2260", "370000"),),
                altitude=0.0,
                ceiling=1000.5,
            ),
        ),
    }
    return Info(**{**known, **fields})


def message(**fields: Any) -> Message:
    """The warning."""
    known: dict[str, Any] = {
        "identifier": "370000-20261121093000-1",
        "sender": "warnings@example.org",
        "sent": SENT,
        "status": Status.ACTUAL,
        "msg_type": MsgType.ALERT,
        "scope": Scope.PUBLIC,
        "info": (info(),),
    }
    return Message(**{**known, **fields})
