/*
 * slack_people_private.h - what slack_people.c (one thing by its id) and slack_names.c (ids by names) share.
 */
#ifndef SLACK_PEOPLE_PRIVATE_H
#define SLACK_PEOPLE_PRIVATE_H

#include "slack_events.h"
#include "slack_people.h"

struct query;
struct slack_name;

/* A walk through lists of the workspace for all the names that wait. */
struct slack_walk {
	struct slack_people *people;
	const struct slack_list *list;		/* the one that is read now; NULL: none runs */
	const struct slack_list *lists;
	struct slack_name *waiting, *sought;
	struct timer timer;
	char *cursor;
	int pages, pauses;
};

struct slack_people {
	struct loop *loop;
	struct slack_api *api;
	char *team;
	struct query *paused;
	bool stopped;
	struct slack_walk people_walk, channel_walk;
};

void slack_names_init(struct slack_people *);
void slack_names_find(struct slack_people *, const char *written, void (*done)(void *, const char *id),
    void *arg);
void slack_names_stop(struct slack_people *);

#endif
