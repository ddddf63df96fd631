/* handout.c - what Slack hands out for a while: triggers and response URLs. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "handout.h"

#define TRIGGER_LIFE SECONDS(3)
#define TRIGGERS_KEPT 512
#define HOOKS_KEPT 1024

void
trigger_add(struct fake_slack *fs, cJSON *payload, struct user *user, bool in_view)
{
	struct workspace *w = &fs->workspace;
	struct trigger *trigger;

	if (w->triggers.count >= TRIGGERS_KEPT) {
		w->triggers.count = TRIGGERS_KEPT / 2;
		memmove(w->triggers.item, w->triggers.item + TRIGGERS_KEPT / 2,
		    w->triggers.count * sizeof(*w->triggers.item));
	}
	trigger = GROW(&w->triggers);
	snprintf(trigger->id, sizeof(trigger->id), "%u.%" PRId64 ".%012" PRIx64,
	    ++w->trigger_number, clock_now(&fs->clock),
	    fake_random(fs) & UINT64_C(0xffffffffffff));
	trigger->user = user;
	trigger->at = clock_now(&fs->clock);
	trigger->in_view = in_view;
	json_add_string(payload, "trigger_id", trigger->id);
}

const char *
trigger_take(struct fake_slack *fs, const char *id, struct user **user, bool *in_view)
{
	struct workspace *w = &fs->workspace;

	for (size_t i = 0; id != NULL && i < w->triggers.count; i++) {
		struct trigger *trigger = &w->triggers.item[i];

		if (strcmp(trigger->id, id) != 0)
			continue;
		if (trigger->used)
			return "trigger_exchanged";
		if (clock_now(&fs->clock) - trigger->at > TRIGGER_LIFE)
			return "trigger_expired";
		trigger->used = true;
		*user = trigger->user;
		*in_view = trigger->in_view;
		return NULL;
	}
	return "invalid_trigger_id";
}

void
hook_add(struct fake_slack *fs, cJSON *payload, struct user *user, struct channel *channel,
    const struct message *clicked, const char *path)
{
	struct workspace *w = &fs->workspace;
	struct hook *hook;

	if (w->hooks.count >= HOOKS_KEPT) {
		w->hooks.count = HOOKS_KEPT / 2;
		memmove(w->hooks.item, w->hooks.item + HOOKS_KEPT / 2,
		    w->hooks.count * sizeof(*w->hooks.item));
	}
	hook = GROW(&w->hooks);
	hook->number = ++w->hook_number;
	hook->user = user;
	hook->channel = channel;
	hook->message = clicked == NULL ? 0 : clicked->seen.number;
	hook->thread = clicked == NULL ? 0 : clicked->thread_micros;
	hook->at = clock_now(&fs->clock);
	snprintf(hook->secret, sizeof(hook->secret), "%012" PRIx64,
	    fake_random(fs) & UINT64_C(0xffffffffffff));
	json_add_stringf(payload, "response_url", "%s/hooks/%s/" TEAM "/%u/%s", fs->base, path,
	    hook->number, hook->secret);
}
