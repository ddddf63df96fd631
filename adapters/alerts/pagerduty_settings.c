/* pagerduty_settings.c - rows of PagerDuty. */

#include "adapters/all_settings.h"

const struct setting pagerduty_settings[] = {
	{ "pagerduty", SETTING_MAP, .later = true, .sentence = "Incidents of PagerDuty." },
	{ "pagerduty.webhook_secrets", SETTING_SECRETS, .example = "[\"${PD_SECRET}\", \"${PD_SECRET_NEXT}\"]",
	    .sentence = "What its webhooks are signed with; two while one is replaced." },
	{ "pagerduty.api_token", SETTING_SECRET, .example = "\"${PD_TOKEN}\"",
	    .sentence = "For acknowledging and for schedules." },
	{ "pagerduty.api_url", SETTING_URL, .initial = "https://api.pagerduty.com",
	    .sentence = "Another one for the EU or in tests." },
	{ "pagerduty.from", SETTING_STRING, .example = "rollcall@example.com",
	    .sentence = "The mail address of the user it acts as." },
	{ .path = NULL },
};
