/*
 * directory.h - what is known of people, groups and channels, and how old it is.
 *
 * Facts come from the chat adapter, one fetch serves all who wait.  A person is known by the principal
 * "TEAM/USER"; "local:USER" is known by the socket's credentials and needs no fetch.  Ages (ID5): 60 s for
 * permit, 10 s for an approval and before the first change; a channel 5 min.  directory_forget drops at
 * once.  A failed fetch is remembered for 5 s as what is not known, so that it is "no" and soon asked again.
 *
 * Names that the configuration writes ("@ann", "ann@example.com", "#incidents", "@sre") are resolved once
 * in the background and pinned in the store (P3); until then, and when they are ambiguous, they match
 * nobody.
 */
#ifndef BOT_DIRECTORY_H
#define BOT_DIRECTORY_H

#include "bot.h"

struct directory *directory_new(struct bot *);
void directory_free(struct directory *);

/* Memory only; NULL: not known or too old. */
const struct person_facts *directory_person(struct directory *, const char *principal, int64_t max_age);
const struct channel_facts *directory_channel(struct directory *, const char *id, int64_t max_age);

/* Fetches the person, the channel (may be NULL) and the groups that the configuration names, whatever is
 * older than max_age; done comes in a later turn, also when everything was there. */
void directory_fetch(struct directory *, const char *principal, const char *channel, int64_t max_age,
    void (*done)(void *), void *arg);
/* The same for a channel alone. */
void directory_fetch_channel(struct directory *, const char *channel, void (*done)(void *), void *arg);
void directory_forget(struct directory *, const char *kind, const char *id);

/* Is the principal one of those that the configuration wrote?  Groups by fresh membership. */
bool directory_is(struct directory *, const char *principal, const char *written);
/* Are these two faces of one human: the same principal, two that `people:` joins, or two accounts with the
 * same verified address (ID7)?  A face whose name is not resolved counts as anybody's in the chat: whoever
 * has such a one gets no yes from there. */
bool directory_same_person(struct directory *, const char *principal, const char *other);
bool directory_in_group(struct directory *, const char *principal, const char *written);
/* The channel id for a key of `channels:` or for a written "#name"; NULL: not resolved. */
const char *directory_channel_id(struct directory *, const char *key_or_name);
/* Starts resolving what the configuration names; again after each reload. */
void directory_resolve_all(struct directory *);
/* Names of the configuration are still being looked up; directory_fetch waits for them too. */
bool directory_resolving(const struct directory *);
/* A name for logs and sentences: never trusted. */
const char *directory_name(struct directory *, const char *principal);

#endif
