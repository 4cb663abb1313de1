"""The town's rules as the settings name them: its policy and its calendar."""

from bot.settings import Settings, SettingsError
from routing.calendar import Calendar
from routing.policy import Policy


def rules(settings: Settings) -> tuple[Policy, Calendar]:
    """The policy in force, and the calendar with its office hours and any year's notice that was added.

    Raises:
        BadPolicy: the policy can't be used.
        SettingsError: the file of HUYING_CALENDAR can't be used.
    """
    policy = Policy.load(settings.policy)
    if settings.quiet_hours == "off":
        policy = policy.without_nights()
    return policy, calendar_of(settings, policy)


def calendar_of(settings: Settings, policy: Policy) -> Calendar:
    """The calendar alone.

    Raises:
        SettingsError: the file of HUYING_CALENDAR can't be used.
    """
    try:
        return Calendar.load(settings.timezone, policy.office, settings.calendar)
    except (ValueError, OSError) as error:
        raise SettingsError(
            f"HUYING_CALENDAR can't be used: {error}. Mend the file, or remove the setting: deadlines in years that "
            "are not known are then marked as provisional."
        ) from error
