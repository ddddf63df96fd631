/*
 * error.h - a failure as one sentence that a person can act on.
 *
 * Functions that can fail return bool: true is done, false means that the error is filled.  Filling
 * it cannot fail; a text past the 512 bytes is cut on a character.  Add context once, on the way up:
 * error_wrap(err, "values.yaml") gives "values.yaml: …".  err may be NULL where the caller does not
 * care.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "memory.h"

enum error_kind {
	ERROR_NONE,
	REFUSED,	/* a rule says no */
	WRONG,		/* their input */
	FAILED,		/* a tool or a peer said no */
	LATE,		/* a time limit */
	LOST,		/* a connection */
	CANCELLED,
	BROKEN,		/* our bug */
};

struct error {
	enum error_kind kind;
	char text[512];
};
#define ERROR_INIT { .kind = ERROR_NONE }

/* Each returns false, so that `return wrong(err, …);` reads well. */
bool refuse(struct error *, const char *format, ...) _printf_(2, 3);
bool wrong(struct error *, const char *format, ...) _printf_(2, 3);
bool failed(struct error *, const char *format, ...) _printf_(2, 3);
bool late(struct error *, const char *format, ...) _printf_(2, 3);
bool lost(struct error *, const char *format, ...) _printf_(2, 3);
bool cancelled(struct error *, const char *format, ...) _printf_(2, 3);
bool broken(struct error *, const char *format, ...) _printf_(2, 3);
bool error_set(struct error *, enum error_kind, const char *format, ...) _printf_(3, 4);
bool error_wrap(struct error *, const char *format, ...) _printf_(2, 3);	/* false as well */
const char *error_kind_name(enum error_kind);	/* "refused", "wrong", … */

#endif
