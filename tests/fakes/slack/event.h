/*
 * event.h - what the workspace tells the bot by itself: messages, mentions, changes.
 */
#ifndef FAKE_EVENT_H
#define FAKE_EVENT_H

#include "fake.h"

/* One events_api delivery; the inner event is taken over (NULL: app_rate_limited). */
unsigned event_send(struct fake_slack *, cJSON *inner, const struct user *);
/* To the bot if it is in that channel; its own posts only unless no_echo. */
void event_posted(struct fake_slack *, const struct message *);
void event_mention(struct fake_slack *, const struct message *);
void event_changed(struct fake_slack *, const struct message *);	/* message_changed */
void event_deleted(struct fake_slack *, const struct message *);

#endif
