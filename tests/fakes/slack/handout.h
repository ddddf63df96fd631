/*
 * handout.h - what Slack hands out for a while: triggers (3 s, once) and response URLs (30 min,
 * five times).
 */
#ifndef FAKE_HANDOUT_H
#define FAKE_HANDOUT_H

#include "fake.h"

/* Both write a new one into the payload. */
void trigger_add(struct fake_slack *, cJSON *payload, struct user *, bool in_view);
void hook_add(struct fake_slack *, cJSON *payload, struct user *, struct channel *,
    const struct message *clicked, const char *path);
/* NULL when it is good, and used up by that; else the error. */
const char *trigger_take(struct fake_slack *, const char *id, struct user **, bool *in_view);

#endif
