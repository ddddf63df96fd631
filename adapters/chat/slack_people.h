/*
 * slack_people.h - who somebody is, who is in a group, what a channel is, which id a name means.
 *
 * Facts are read carefully (ID2, ID3): a missing or odd field is the one that gives no right.  A failed
 * fetch gives NULL, which callers take as "no"; a 429 is waited out once, up to 5 s.  Nothing is kept
 * here: how old facts may be is for bot/directory.c to say.
 *
 * Names ("@ann", "@sre", "#incidents", "ann@example.com") are looked for in pages, all that wait at once
 * in one walk; a name that two have means nobody.
 */
#ifndef SLACK_PEOPLE_H
#define SLACK_PEOPLE_H

#include "slack_api.h"

struct slack_people;

struct slack_people *slack_people_new(struct loop *, struct slack_api *);
/* Who waits for a pause to end hears NULL now; who waits for an answer, when the api is freed. */
void slack_people_stop(struct slack_people *);
void slack_people_free(struct slack_people *);	/* after the api */
void slack_people_team(struct slack_people *, const char *team);	/* ours, once it is known */

void slack_person(struct slack_people *, const char *id,
    void (*done)(void *, const struct person_facts *), void *arg);
void slack_group(struct slack_people *, const char *id,
    void (*done)(void *, const char *const *), void *arg);
void slack_channel(struct slack_people *, const char *id,
    void (*done)(void *, const struct channel_facts *), void *arg);
void slack_resolve(struct slack_people *, const char *written, void (*done)(void *, const char *id),
    void *arg);

/* Pure: strings are borrowed from the JSON. */
void slack_person_read(struct person_facts *, const cJSON *user, const char *team);
void slack_channel_read(struct channel_facts *, const cJSON *channel, const char *team);

#endif
