/* violation.c - what the bot sent against Slack's published limits and schemas; a talk fails by it. */

#include <stdarg.h>

#include "violation.h"

#define KEPT KILOBYTES(16)

void
violate(struct fake_slack *fs, const char *what, const char *format, ...)
{
	va_list ap;

	if (fs->violations.length > KEPT)
		return;
	text_printf(&fs->violations, "%s: ", what);
	va_start(ap, format);
	text_vprintf(&fs->violations, format, ap);
	va_end(ap);
	text_add_char(&fs->violations, '\n');
	journal(fs, "that is against Slack's limits: %s", what);
}

void
violate_all(struct fake_slack *fs, const char *what, const cJSON *messages)
{
	const cJSON *message;

	json_each(message, messages)
		violate(fs, what, "%s", cJSON_GetStringValue(message));
}

const char *
fake_slack_violations(const struct fake_slack *fs)
{
	return fs->violations.data;
}
