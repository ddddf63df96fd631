/* smtp_settings.c - rows of outgoing mail. */

#include "adapters/all_settings.h"

const struct setting smtp_settings[] = {
	{ "mail", SETTING_MAP, .later = true, .sentence = "Outgoing mail." },
	{ "mail.url", SETTING_URL, .choices = "smtps|smtp", .required = true,
	    .example = "\"smtps://mail:465\"", .sentence = "The server." },
	{ "mail.user", SETTING_STRING, .example = "rollcall", .sentence = "Who logs in there." },
	{ "mail.password", SETTING_SECRET, .example = "\"${SMTP_PASSWORD}\"", .sentence = "Its password." },
	{ "mail.from", SETTING_STRING, .required = true, .example = "rollcall@example.com",
	    .sentence = "The sender." },
	{ .path = NULL },
};
