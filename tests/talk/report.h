/*
 * report.h - what a person needs to see to know why a talk failed.
 */
#ifndef TALK_REPORT_H
#define TALK_REPORT_H

#include <stdio.h>

#include "talk.h"

void report_failure(struct talk *, FILE *, const struct error *);
/* Both logs, whole, into the talk's folder, and says where that is. */
void report_keep(struct talk *, FILE *);

#endif
