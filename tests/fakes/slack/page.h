/*
 * page.h - messages and dialogs as the web page draws them: markup resolved to spans, widgets to
 * their labels.  The caller owns the JSON.
 */
#ifndef FAKE_PAGE_H
#define FAKE_PAGE_H

#include "fake.h"

cJSON *page_message_json(struct fake_slack *, const struct message *);
cJSON *page_view_json(struct fake_slack *, const struct view *);

#endif
