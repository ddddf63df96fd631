/* duty_settings.c - rows of time: freezes, severities, who is on call, triggers. */

#include <string.h>

#include "base/when.h"
#include "settings_rows.h"

static void
check_acknowledge(struct settings *settings, const struct value *value)
{
	int64_t duration;

	if (!string_equal(value_string(value), "next business day") &&
	    !duration_read(value_string(value), &duration))
		settings_problem(settings, value,
		    "found \"%s\", expected a duration like 30m or \"next business day\"",
		    value_string(value));
}

/* "1 week", "3 days", "12h" */
static void
check_period(struct settings *settings, const struct value *value)
{
	static const char *const units[] = { "hour", "hours", "day", "days", "week", "weeks", NULL };
	const char *text = value_string(value), *blank = strchr(text, ' ');
	int64_t duration;
	char count[8] = "";

	if (duration_read(text, &duration))
		return;
	if (blank != NULL && (size_t)(blank - text) < sizeof(count)) {
		memcpy(count, text, (size_t)(blank - text));
		if (string_number(count, 1, 366, &duration) && string_in(blank + 1, units))
			return;
	}
	settings_problem(settings, value, "found \"%s\", expected a period like 1 week, 3 days or 12h",
	    text);
}

static bool
is_clock(const char *s)
{
	static const char shape[] = "dd:dd";

	for (size_t i = 0; i < sizeof(shape) - 1; i++)
		if (shape[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != shape[i])
			return false;
	return strncmp(s, "24", 2) < 0 && strncmp(s + 3, "60", 2) < 0;
}

static void
check_hours(struct settings *settings, const struct value *value)
{
	const char *text = value_string(value);

	if (strlen(text) != strlen("22:00-08:00") || !is_clock(text) || text[5] != '-' ||
	    !is_clock(text + 6))
		settings_problem(settings, value, "found \"%s\", expected hours like 22:00-08:00", text);
}

static void
check_freezes(struct settings *settings, const struct value *list)
{
	const struct value *freeze, *from, *to;

	for (size_t i = 0; i < value_count(list); i++) {
		freeze = value_item(list, i);
		from = value_at(freeze, "from");
		to = value_at(freeze, "to");
		if (from != NULL && to != NULL && strcmp(value_string(from), value_string(to)) >= 0)
			settings_problem(settings, to, "found \"%s\", expected a time after \"%s\"",
			    value_string(to), value_string(from));
	}
}

static void
check_duty(struct settings *settings, const struct value *map)
{
	bool rotates = string_equal(value_string(value_at(map, "source")), "rotation");

	if (rotates && !value_was_written(map, "people"))
		settings_problem(settings, map, "found a rotation without people, expected people");
	else if (!rotates && !value_was_written(map, "schedule"))
		settings_problem(settings, map, "found no schedule, expected the schedule's id");
}

static void
check_trigger(struct settings *settings, const struct value *map)
{
	bool condition = value_was_written(map, "condition"), probe = value_was_written(map, "probe");

	if (condition == probe)
		settings_problem(settings, map, "found %s, expected one of condition or probe",
		    probe ? "both" : "neither");
}

const struct setting duty_settings[] = {
	{ "freezes", SETTING_LIST, .later = true, .check = check_freezes,
	    .sentence = "Times in which nothing is changed." },
	{ "freezes[].environment", SETTING_NAMES, .refers = "environments", .example = "production",
	    .sentence = "Environments; without it: all." },
	{ "freezes[].from", SETTING_TIME, .required = true, .example = "2026-12-24 18:00",
	    .sentence = "In the installation's zone." },
	{ "freezes[].to", SETTING_TIME, .required = true, .example = "2026-12-27 08:00",
	    .sentence = "Its end." },
	{ "freezes[].except", SETTING_NAMES, .refers = "roles", .example = "[sre-lead]",
	    .sentence = "Roles that may change all the same." },
	{ .path = NULL },
};

const struct setting incident_settings[] = {
	{ "severities", SETTING_MAP, .later = true, .check = settings_check_names,
	    .sentence = "Times counted from the trigger on; unresolved after escalate: the next level." },
	{ "severities.*", SETTING_MAP, .example = "P1", .sentence = "One severity." },
	{ "severities.*.respond", SETTING_DURATION, .example = "15m", .sentence = "Somebody looks." },
	{ "severities.*.acknowledge", SETTING_STRING, .example = "30m", .check = check_acknowledge,
	    .sentence = "Somebody has taken it: a duration or \"next business day\"." },
	{ "severities.*.escalate", SETTING_DURATION, .example = "30m", .sentence = "The next one is called." },

	{ "on_call", SETTING_MAP, .later = true, .check = settings_check_names,
	    .sentence = "Who is called." },
	{ "on_call.*", SETTING_MAP, .example = "primary", .check = check_duty, .sentence = "One rota." },
	{ "on_call.*.source", SETTING_CHOICE, .choices = "rotation|pagerduty", .initial = "rotation",
	    .sentence = "rotation: people take turns; pagerduty: its schedule." },
	{ "on_call.*.people", SETTING_NAMES, .example = "[ann@example.com, bob@example.com]",
	    .check = settings_check_people, .sentence = "Of a rotation, in their order." },
	{ "on_call.*.starts", SETTING_TIME, .example = "2026-01-05 10:00",
	    .sentence = "When the first of them began, in the installation's zone." },
	{ "on_call.*.every", SETTING_STRING, .example = "1 week", .check = check_period,
	    .sentence = "How long a turn is." },
	{ "on_call.*.schedule", SETTING_STRING, .example = "PABC123",
	    .sentence = "Of source pagerduty: the schedule's id." },
	{ "on_call.*.quiet_hours", SETTING_STRING, .example = "22:00-08:00", .check = check_hours,
	    .sentence = "Only what cannot wait is told then." },
	{ "on_call.*.handoff", SETTING_MAP, .sentence = "The note at the change of turns." },
	{ "on_call.*.handoff.channel", SETTING_STRING, .refers = "channels", .example = "incidents",
	    .sentence = "Where it is posted." },
	{ "on_call.*.handoff.draft_before", SETTING_DURATION, .example = "1h",
	    .sentence = "How long before it a draft is shown." },
	{ "on_call.escalation", SETTING_NAMES, .refers = "on_call|roles", .example = "[primary, sre-lead]",
	    .sentence = "Who is called next: rotas and roles." },

	{ "triggers", SETTING_LIST, .later = true, .sentence = "What starts by itself." },
	{ "triggers[]", SETTING_MAP, .check = check_trigger, .sentence = "One trigger." },
	{ "triggers[].name", SETTING_STRING, .required = true, .example = "high-error-rate",
	    .sentence = "Its name; it acts as trigger:NAME." },
	{ "triggers[].condition", SETTING_STRING,
	    .example = "'sum(rate(http_requests_total{status=~\"5..\"}[5m])) > 10'",
	    .sentence = "A query that holds, or instead:" },
	{ "triggers[].probe", SETTING_MAP, .sentence = "A page that is looked at." },
	{ "triggers[].probe.url", SETTING_URL, .required = true, .sentence = "The page." },
	{ "triggers[].probe.slower_than", SETTING_DURATION, .sentence = "It answers later than this." },
	{ "triggers[].probe.more_than", SETTING_NUMBER, .min = 1, .max = 1000,
	    .sentence = "More often than this in a row." },
	{ "triggers[].duration", SETTING_DURATION, .example = "5m",
	    .sentence = "The condition must hold all of it." },
	{ "triggers[].every", SETTING_DURATION, .min = 1000, .max = 86400e3, .initial = "15s",
	    .sentence = "How often it is looked at." },
	{ "triggers[].target", SETTING_STRING, .refers = "targets", .required = true, .example = "my-app",
	    .sentence = "What it is about." },
	{ "triggers[].action", SETTING_CHOICE, .initial = "alert",
	    .choices = "observe|alert|alert_then_rollback|immediate_rollback|gradual_rollback|freeze",
	    .sentence = "observe, alert, alert_then_rollback, immediate_rollback, gradual_rollback or "
			"freeze." },
	{ "triggers[].countdown", SETTING_DURATION, .example = "2m",
	    .sentence = "How long people have to stop it." },
	{ .path = NULL },
};
