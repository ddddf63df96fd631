/*
 * payload.h - what interactive envelopes carry (protocols 1.4); the caller owns the JSON.
 */
#ifndef FAKE_PAYLOAD_H
#define FAKE_PAYLOAD_H

#include "fake.h"

cJSON *payload_slash(struct fake_slack *, struct user *, struct channel *, const char *command,
    const char *text);
/* The action is taken over; `ago` drawings before the present one. */
cJSON *payload_click(struct fake_slack *, struct user *, const struct message *, size_t ago,
    cJSON *action);
cJSON *payload_view_click(struct fake_slack *, struct user *, struct view *, cJSON *action);
cJSON *payload_view(struct fake_slack *, struct user *, const struct view *, const char *type);
cJSON *payload_suggestion(struct fake_slack *, struct user *, const struct view *,
    const cJSON *block, const cJSON *element, const char *typed);
cJSON *payload_shortcut(struct fake_slack *, struct user *, const char *callback_id,
    const struct message *);

#endif
