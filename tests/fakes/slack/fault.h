/*
 * fault.h - answers that go wrong on command.
 */
#ifndef FAKE_FAULT_H
#define FAKE_FAULT_H

#include "server.h"

/* True when a fault took the exchange.  perform(x, true) runs the call without answering, for
 * faults that strike after it took effect; perform(x, false) runs it and answers, when it was held.
 */
bool fault_strikes(struct exchange *, const char *method,
    void (*perform)(struct exchange *, bool spoilt));

#endif
