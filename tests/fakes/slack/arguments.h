/*
 * arguments.h - what each method of the Web API takes (docs.slack.dev/reference/methods; protocols 3).
 */
#ifndef FAKE_ARGUMENTS_H
#define FAKE_ARGUMENTS_H

#include "fake.h"

/* Violations: a name that the method does not know, one that is missing, a value of another form.
 * "response_url" and "acknowledgement" count as methods. */
void arguments_check(struct fake_slack *, const char *method, const cJSON *args);

#endif
