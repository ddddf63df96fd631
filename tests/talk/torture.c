/* torture.c - a talk once more for each place where something can go wrong. */

#include "torture.h"

#include <signal.h>
#include <string.h>

#include "process.h"
#include "statements.h"

const struct torture_kind torture_kinds[] = {
	{ "before", "killed before a commit" },
	{ "after", "killed after a commit" },
	{ "tool", "killed while a tool starts" },
	{ "cut", "a call of Slack's API not answered" },
	{ "lost", "a call of Slack's API done and not answered" },
	{ "500", "a call of Slack's API refused with 500" },
	{ "429", "a call of Slack's API refused with 429" },
	{ NULL, NULL },
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
	return take_end(reader, err);
}

/* ---- what goes wrong ---- */

void
torture_begin(struct talk *talk)
{
	static const struct {
		const char *kind;
		struct fake_slack_fault_options options;
	} faults[] = {
		{ "cut", { .fault = FAKE_CUT } },
		{ "lost", { .fault = FAKE_CUT, .done = true } },
		{ "500", { .fault = FAKE_STATUS, .status = 500 } },
		{ "429", { .fault = FAKE_RATE_LIMITED, .retry_after = 3 } },
	};
	struct fake_slack_fault_options options;

	for (size_t i = 0; i < COUNT(faults); i++)
		if (kind_is(talk, faults[i].kind)) {
			options = faults[i].options;
			options.calls = 1;
			options.skip = (unsigned)talk->torture->at - 1;
			fake_slack_fault(talk->slack, "*", &options);
		}
}

const char *
torture_variable(struct talk *talk)
{
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

/* Events come again by themselves; of a command or click the person sees that it failed. */
static bool
went_unheard(struct talk *talk)
{
	const struct fake_slack_delivery *delivery =
	    fake_slack_delivery(talk->slack, talk->torture->delivery);

	return delivery != NULL && delivery->outcome != FAKE_ACKED &&
	    !string_equal(delivery->type, "events_api");
}

bool
torture_try_again(struct talk *talk)
{
	struct torture *torture = talk->torture;
	const struct statement *action;
	struct error err = ERROR_INIT;
	struct script once = { 0 };
	bool done;

	if (torture == NULL || torture->again || torture->action == NULL || !went_unheard(talk))
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

static int64_t
calls_in(const char *log)
{
	int64_t calls = 0;

	for (; (log = strstr(log, " /api/")) != NULL; log++)
		calls += strncmp(log + strcspn(log + 1, " ") + 1, " ←", strlen(" ←")) == 0;
	return calls;
}

void
torture_end(struct talk *talk)
{
	struct torture *torture = talk->torture;

	if (torture == NULL || talk->slack == NULL)
		return;
	if (kind_is(talk, "tool"))
		torture->happened = torture->seen >= torture->at;
	else if (!kind_is(talk, "before") && !kind_is(talk, "after"))
		torture->happened = calls_in(fake_slack_log(talk->slack)) >= torture->at;
}
