/*
 * real.h - what a talk has in real time: a cluster (tests/e2e/lab.sh), its clients, a browser.
 *
 * The environment of the runner says where they are: KUBECTL, HELM3, HELM4, KUBECONFIG (the admin's, in
 * the cluster's folder), VIEWER; and ROLLCALL_PICTURES, where pictures go (else the talk's folder).
 */
#ifndef TALK_REAL_H
#define TALK_REAL_H

#include "talk.h"

bool real_begin(struct talk *, struct error *);
void real_end(struct talk *);			/* what was stopped goes on */
/* The value of the mark that stands there, "@lab@…"; NULL: there is none of that name. */
const char *real_hole(struct talk *, const char *mark);
talk_verb *real_verb(struct reader *);		/* takes the verb; NULL: it is another's */

#endif
