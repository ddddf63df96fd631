/*
 * expect.h - what must be seen, and what must not.
 */
#ifndef TALK_EXPECT_H
#define TALK_EXPECT_H

#include "talk.h"

talk_verb expect_run;

#endif
