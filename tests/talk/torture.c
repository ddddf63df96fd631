/* torture.c - a talk once more for each place where something can go wrong. */

#include "torture.h"

#include <signal.h>
#include <string.h>

#include "process.h"
#include "statements.h"

const struct torture_kind torture_kinds[] = {
	{ "before", "killed before a commit" },
	{ "after", "killed after a commit" },
	{ "failing", "a commit that the disk refuses" },
	{ "tool", "killed while a tool starts" },
	{ "post-cut", "a post that is cut off" },
	{ "post-lost", "a post whose answer is lost" },
	{ "post-500", "a post that Slack refuses with 500" },
	{ "post-429", "a post that Slack refuses with 429" },
	{ "update-cut", "a drawing that is cut off" },
	{ "update-lost", "a drawing whose answer is lost" },
	{ "update-500", "a drawing that Slack refuses with 500" },
	{ "update-429", "a drawing that Slack refuses with 429" },
	{ "open-500", "a connection that Slack refuses with 500" },
	{ NULL, NULL },
};

static const struct spoilt {
	const char *kind, *method;
	struct fake_slack_fault_options options;
} spoilt[] = {
	{ "post-cut", "chat.postMessage", { .fault = FAKE_CUT } },
	{ "post-lost", "chat.postMessage", { .fault = FAKE_CUT, .done = true } },
	{ "post-500", "chat.postMessage", { .fault = FAKE_STATUS, .status = 500 } },
	{ "post-429", "chat.postMessage", { .fault = FAKE_RATE_LIMITED, .retry_after = 3 } },
	{ "update-cut", "chat.update", { .fault = FAKE_CUT } },
	{ "update-lost", "chat.update", { .fault = FAKE_CUT, .done = true } },
	{ "update-500", "chat.update", { .fault = FAKE_STATUS, .status = 500 } },
	{ "update-429", "chat.update", { .fault = FAKE_RATE_LIMITED, .retry_after = 3 } },
	{ "open-500", "apps.connections.open", { .fault = FAKE_STATUS, .status = 500 } },
};

bool
torture_is_on(const struct talk *talk)
{
	return talk->torture != NULL;
}

static bool
kind_is(const struct talk *talk, const char *kind)
{
	return talk->torture != NULL && string_equal(talk->torture->kind, kind);
}

bool
torture_run(struct talk *talk, struct reader *reader, struct error *err)
{
	(void)talk;	/* main.c looks for it */
	(void)take_word(reader, "failing");
	return take_end(reader, err);
}

/* ---- what goes wrong ---- */

static const struct spoilt *
spoilt_find(const struct talk *talk)
{
	for (size_t i = 0; i < COUNT(spoilt); i++)
		if (kind_is(talk, spoilt[i].kind))
			return &spoilt[i];
	return NULL;
}

void
torture_begin(struct talk *talk)
{
	const struct spoilt *call = spoilt_find(talk);
	struct fake_slack_fault_options options;

	if (call == NULL)
		return;
	options = call->options;
	options.calls = 1;
	options.skip = (unsigned)talk->torture->at - 1;
	fake_slack_fault(talk->slack, call->method, &options);
}

const char *
torture_variable(struct talk *talk)
{
	if (kind_is(talk, "failing") && !talk->started)
		return arena_printf(talk->arena, "ROLLCALL_FAIL_COMMIT=%lld",
		    (long long)talk->torture->at);
	if ((!kind_is(talk, "before") && !kind_is(talk, "after")) || talk->torture->happened)
		return NULL;
	return arena_printf(talk->arena, "ROLLCALL_DIE_AT_COMMIT=%lld:%s",
	    (long long)talk->torture->at, talk->torture->kind);
}

void
torture_tool_asked(struct talk *talk)
{
	if (kind_is(talk, "tool") && ++talk->torture->seen == talk->torture->at)
		process_signal(talk->rollcall, SIGKILL);
}

bool
torture_killed(const struct talk *talk)
{
	return talk->torture != NULL && talk->rollcall != NULL && !talk->rollcall->runs &&
	    talk->rollcall->signal == SIGKILL && !talk->on_purpose;
}

/* ---- what people do about it ---- */

void
torture_acted(struct talk *talk, const struct statement *statement)
{
	if (talk->torture == NULL)
		return;
	talk->torture->action = statement;
	talk->torture->delivery = fake_slack_last_delivery(talk->slack);
	talk->torture->again = false;
}

/* Slack sends events again by itself; of a command the person sees that it failed; a click that did
 * nothing, the card being a new one after a restart, is made again. */
static bool
would_try(struct talk *talk)
{
	const struct fake_slack_delivery *delivery =
	    fake_slack_delivery(talk->slack, talk->torture->delivery);

	if (delivery == NULL || string_equal(delivery->type, "events_api"))
		return false;
	return delivery->outcome != FAKE_ACKED || string_equal(delivery->type, "interactive");
}

bool
torture_try_again(struct talk *talk)
{
	struct torture *torture = talk->torture;
	const struct statement *action;
	struct error err = ERROR_INIT;
	struct script once = { 0 };
	bool done;

	if (torture == NULL || torture->again || torture->action == NULL || !would_try(talk))
		return false;
	action = torture->action;
	*ARENA_GROW(talk->arena, &once) = *action;
	torture->again = true;
	done = script_run(talk, &once, &err);
	torture->again = true;
	talk->failed_at = NULL;
	return done;
}

/* ---- did it happen? ---- */

void
torture_end(struct talk *talk)
{
	struct torture *torture = talk->torture;
	const struct spoilt *call = spoilt_find(talk);

	if (torture == NULL || talk->slack == NULL)
		return;
	if (kind_is(talk, "failing"))
		torture->happened = strstr(talk->log.data, " is refused\n") != NULL;
	else if (kind_is(talk, "tool"))
		torture->happened = torture->seen >= torture->at;
	else if (call != NULL)
		torture->happened = fake_slack_calls(talk->slack, call->method) >= torture->at;
}
