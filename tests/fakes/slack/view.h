/*
 * view.h - dialogs: a stack for each person, at most three deep, and the home tab (protocols 3.8).
 */
#ifndef FAKE_VIEW_H
#define FAKE_VIEW_H

#include "fake.h"

#define VIEWS_DEEP 3

struct delivery;

/* Checks and takes over what the bot gave; NULL and false belong together. */
struct view *view_new(struct fake_slack *, struct user *, cJSON *given, const struct view *below);
void view_redraw(struct fake_slack *, struct view *, cJSON *given);
void view_close(struct fake_slack *, struct view *);
void view_close_all(struct fake_slack *, const struct user *);
void view_free(struct view *);
struct view *view_top(const struct fake_slack *, const struct user *);
struct view *view_by_id(const struct fake_slack *, const char *id);	/* homes too */
struct view *view_by_external_id(const struct fake_slack *, const char *id);
size_t view_depth(const struct fake_slack *, const struct user *);
void view_home(struct fake_slack *, struct user *, cJSON *given);

void view_complain(struct fake_slack *, struct view *, const char *problem);
void view_answered(struct delivery *);	/* the acknowledgement of a submission */
void view_missed(struct delivery *);	/* there was none in time */

/* The input block with this label; NULL: none. */
cJSON *view_input(const struct view *, const char *label);
/* state.values of one input; the object is the caller's to fill, emptied before. */
cJSON *view_value(struct view *, const cJSON *block, const cJSON *element);

#endif
