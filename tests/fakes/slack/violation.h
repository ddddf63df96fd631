/*
 * violation.h - what the bot sent against Slack's published limits and schemas.
 *
 * Some of it the real Slack refuses, some of it it cuts, hides or only advises against; here all of it is
 * written down, one line each with the place, and fails the talk (fake_slack_violations).
 */
#ifndef FAKE_VIOLATION_H
#define FAKE_VIOLATION_H

#include "fake.h"

/* what: the method, "acknowledgement", "response_url" or "frame". */
void violate(struct fake_slack *, const char *what, const char *format, ...) _printf_(3, 4);
void violate_all(struct fake_slack *, const char *what, const cJSON *messages);

#endif
