/*
 * crash.h - the last words of a rollcall that dies by a signal of its own (threats SE5).
 *
 * SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT write to stderr, with write(2) alone:
 *
 *	rollcall 0.1.0 build 5f3c… died of signal 11
 *	at 0x55d0c0a1b2c3 base 0x55d0c0a00000
 *	from 0x55d0c0a1b2c3
 *	from …
 *
 * Addresses only: what lies there may be a secret.  `addr2line -e BINARY ADDRESS-BASE` on a binary of that build
 * names the lines.  Then the signal does what it would have done.  Sanitizers say more by themselves, so a
 * test build does not call it.
 */
#ifndef BOT_CRASH_H
#define BOT_CRASH_H

/* Once, by main, before any thread starts. */
void crash_watch(void);

#endif
