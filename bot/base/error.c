/* error.c - filling a sentence of bounded length. */

#include "error.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

/* By way of a copy: the arguments may well be the error's own old text. */
static bool _printf_(3, 0)
error_vset(struct error *err, enum error_kind kind, const char *format, va_list ap)
{
	struct error fresh = { .kind = kind };
	int length;

	if (err == NULL)
		return false;
	length = vsnprintf(fresh.text, sizeof fresh.text, format, ap);
	if (length >= (int)sizeof fresh.text)
		fresh.text[string_cut(fresh.text, sizeof fresh.text - 1)] = '\0';
	*err = fresh;
	return false;
}

#define FILLS(name, kind)                                                                          \
	bool name(struct error *err, const char *format, ...)                                      \
	{                                                                                          \
		va_list ap;                                                                        \
                                                                                                   \
		va_start(ap, format);                                                              \
		error_vset(err, kind, format, ap);                                                 \
		va_end(ap);                                                                        \
		return false;                                                                      \
	}

FILLS(refuse, REFUSED)
FILLS(wrong, WRONG)
FILLS(failed, FAILED)
FILLS(late, LATE)
FILLS(lost, LOST)
FILLS(cancelled, CANCELLED)
FILLS(broken, BROKEN)

bool
error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	error_vset(err, kind, format, ap);
	va_end(ap);
	return false;
}

bool
error_wrap(struct error *err, const char *format, ...)
{
	_cleanup_(text_clear) struct text context = TEXT_INIT;
	va_list ap;

	if (err == NULL)
		return false;
	va_start(ap, format);
	text_vprintf(&context, format, ap);
	va_end(ap);
	return error_set(err, err->kind, "%s: %s", context.data, err->text);
}

const char *
error_kind_name(enum error_kind kind)
{
	static const char *const names[] = {
		[ERROR_NONE] = "none",
		[REFUSED] = "refused",
		[WRONG] = "wrong",
		[FAILED] = "failed",
		[LATE] = "late",
		[LOST] = "lost",
		[CANCELLED] = "cancelled",
		[BROKEN] = "broken",
	};

	return (size_t)kind < COUNT(names) ? names[kind] : "unknown";
}
