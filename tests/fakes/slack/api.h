/*
 * api.h - the Web API: one call, the table of methods, and what they share.
 *
 * Arguments of a form, of a query and of a JSON body arrive in the same object; in a form every
 * value is a string, and blocks, metadata, view … are JSON inside it.  A method fills `reply`, or
 * fails it; "ok" and the HTTP part are added by api.c.
 */
#ifndef FAKE_API_H
#define FAKE_API_H

#include "fake.h"

#define BOT_TOKEN "xoxb-000000000000-rollcall-fake"
#define APP_TOKEN "xapp-1-" APP "-000000000000-fake"

struct call {
	struct fake_slack *fs;
	const char *method;
	cJSON *args, *reply;
	const char *host;	/* of the request; for the socket's address */
	bool failed;
	int retry_after;	/* seconds: the answer becomes a 429 */
};

enum method_token { TOKEN_BOT, TOKEN_APP };

struct method {
	const char *name;
	void (*run)(struct call *);
	int tier;		/* calls a minute; 0: special, several hundred */
	const char *scope;	/* NULL: none; "a|b": one of them */
	enum method_token token;
};

extern const struct method methods_chat[], methods_places[], methods_people[], methods_views[],
    methods_files[], methods_socket[];	/* end with a NULL name */

void call_fail(struct call *, const char *error);
/* A string, or the digits of a number; NULL when it is not there or empty. */
const char *call_string(struct call *, const char *name);
bool call_flag(struct call *, const char *name, bool otherwise);
int64_t call_number(struct call *, const char *name, int64_t otherwise);
/* A JSON argument: itself, or what its string holds.  The caller owns it.  False, and failed with
 * `error`, when it is not of that kind (cJSON_Array, cJSON_Object); *value NULL: not given. */
bool call_json(struct call *, const char *name, int kind, const char *error, cJSON **value);
bool call_has(const struct call *, const char *name);
/* response_metadata.messages of an invalid_blocks. */
void call_message(struct call *, const char *message);
bool call_scope(const struct fake_slack *, const char *scope);
/* The channel that an argument names, failing with channel_not_found. */
struct channel *call_channel(struct call *, const char *name);
struct user *call_user(struct call *, const char *name);
/* [from, from + limit) of a list with `total` entries, by cursor; adds the next cursor. */
void call_page(struct call *, size_t total, int64_t limit, size_t *from, size_t *to);

cJSON *form_read(const char *body, size_t length);	/* application/x-www-form-urlencoded */
/* multipart/form-data: fields as strings, the first file's bytes to *file (may be NULL). */
cJSON *multipart_read(const char *type, const char *body, size_t length, struct text *file);

void faults_free(struct fake_slack *);

#endif
