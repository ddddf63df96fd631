/*
 * trouble.h - `slack …`: good and bad days of the Slack.
 */
#ifndef TALK_TROUBLE_H
#define TALK_TROUBLE_H

#include "talk.h"

talk_verb trouble_run;

#endif
