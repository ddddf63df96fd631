/*
 * notify.h - what the service manager is told, by systemd's protocol (sd_notify(3)).
 *
 * One datagram with lines NAME=VALUE to the socket that NOTIFY_SOCKET names, a path or, after "@", an
 * abstract name.  Without that variable, or for another process's watchdog, nothing is sent.  A message
 * that cannot be sent is dropped: nobody waits for it, and the manager notices a silent service by itself.
 */
#ifndef BOT_NOTIFY_H
#define BOT_NOTIFY_H

#include "base/memory.h"

/* "READY=1", "STOPPING=1", "WATCHDOG=1", with an optional STATUS: one sentence, its line ends become
 * blanks.  state or status may be NULL. */
void notify_say(const char *state, const char *status);

/* How often WATCHDOG=1 is to be said, in ms: half of what the manager waits.  0: never. */
int64_t notify_watchdog(void);

#endif
