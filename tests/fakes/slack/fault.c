/* fault.c - answers that go wrong on command: 429, 5xx, HTML, silence, a cut. */

#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "fault.h"

struct fault {
	char *method;
	struct fake_slack_fault_options options;
	char *error;
};

/* What a hanging exchange needs when it goes on. */
struct held {
	void (*perform)(struct exchange *, bool spoilt);
};

static const char html[] = "<!DOCTYPE html><html><head><title>Bad gateway</title></head>"
    "<body><h1>Something went wrong</h1></body></html>";

void
fake_slack_fault(
    struct fake_slack *fs, const char *method, const struct fake_slack_fault_options *options)
{
	struct fault *fault = GROW(&fs->faults);

	fault->method = xstrdup(method);
	fault->options = *options;
	fault->error = xstrdup(options->error == NULL ? "internal_error" : options->error);
	if (fault->options.calls == 0)
		fault->options.calls = 1;
	if (fault->options.status == 0)
		fault->options.status = 500;
	if (fault->options.retry_after == 0)
		fault->options.retry_after = 1;
}

static void
fault_clear(struct fault *fault)
{
	free(fault->method);
	free(fault->error);
}

void
fake_slack_no_faults(struct fake_slack *fs)
{
	for (size_t i = 0; i < fs->faults.count; i++)
		fault_clear(&fs->faults.item[i]);
	fs->faults.count = 0;
}

void
faults_free(struct fake_slack *fs)
{
	fake_slack_no_faults(fs);
	free(fs->faults.item);
}

/* The fault for this call, counted down; its strings stay the caller's to free. */
static bool
fault_take(struct fake_slack *fs, const char *method, struct fault *taken)
{
	for (size_t i = 0; i < fs->faults.count; i++) {
		struct fault *fault = &fs->faults.item[i];

		if (strcmp(fault->method, "*") != 0 && strcmp(fault->method, method) != 0)
			continue;
		if (fault->options.skip > 0) {
			fault->options.skip--;
			return false;
		}
		*taken = *fault;
		taken->error = xstrdup(fault->error);
		if (--fault->options.calls == 0) {
			fault_clear(fault);
			memmove(fault, fault + 1, (fs->faults.count - i - 1) * sizeof(*fault));
			fs->faults.count--;
		}
		return true;
	}
	return false;
}

static void
fault_resume(struct exchange *x)
{
	struct held *held = x->context;

	held->perform(x, false);
}

/* Answers as the call would have, but only when it is released. */
static void
fault_hold(struct exchange *x, void (*perform)(struct exchange *, bool))
{
	struct held *held = xcalloc(1, sizeof(*held));

	held->perform = perform;
	x->context = held;
	x->release_context = free;
	exchange_hang(x, fault_resume);
}

static void
fault_error(struct exchange *x, const char *error)
{
	_cleanup_(text_clear) struct text body = TEXT_INIT;

	text_printf(&body, "{\"ok\":false,\"error\":\"%s\"}", error);
	exchange_answer(x, 200, "application/json; charset=utf-8", NULL, body.data, body.length);
}

static void
fault_limited(struct exchange *x, int seconds)
{
	_cleanup_(text_clear) struct text header = TEXT_INIT;
	static const char body[] = "{\"ok\":false,\"error\":\"ratelimited\"}";

	text_printf(&header, "retry-after: %d\r\n", seconds);
	exchange_answer(x, 429, "application/json; charset=utf-8", header.data, body, strlen(body));
}

static void
fault_answer(struct exchange *x, const struct fault *fault,
    void (*perform)(struct exchange *, bool spoilt))
{
	static const char garbage[] = "{\"ok\":true,\"channel\":\"C0INC";

	switch (fault->options.fault) {
	case FAKE_RATE_LIMITED:
		fault_limited(x, fault->options.retry_after);
		break;
	case FAKE_STATUS:
		exchange_answer(x, fault->options.status, "text/html", NULL, html, strlen(html));
		break;
	case FAKE_HTML:
		exchange_answer(x, 200, "text/html", NULL, html, strlen(html));
		break;
	case FAKE_ERROR:
		fault_error(x, fault->error);
		break;
	case FAKE_HANG:
		fault_hold(x, perform);
		break;
	case FAKE_CUT:
		exchange_cut(x);
		break;
	case FAKE_GARBAGE:
		exchange_answer(x, 200, "application/json; charset=utf-8", NULL, garbage,
		    strlen(garbage));
		break;
	}
}

/* Released, a call that had taken effect before it hung must not do so twice. */
static void
fault_spoilt(struct exchange *x, bool spoilt)
{
	if (!spoilt)
		fault_error(x, "request_timeout");
}

bool
fault_strikes(struct exchange *x, const char *method,
    void (*perform)(struct exchange *, bool spoilt))
{
	struct fault fault;

	if (!fault_take(x->fs, method, &fault))
		return false;
	journal(x->fs, "%s: a fault strikes %s", method,
	    fault.options.done ? "after it took effect" : "before it took effect");
	if (fault.options.done)
		perform(x, true);
	fault_answer(x, &fault, fault.options.done ? fault_spoilt : perform);
	free(fault.error);
	return true;
}
