/*
 * process.h - programs that the runner itself starts: rollcall, and what talks to it.
 *
 * A process stays in talk->processes to the end of the talk; its texts can be read any time.
 */
#ifndef TALK_PROCESS_H
#define TALK_PROCESS_H

#include "talk.h"

struct process {
	struct process *next;
	struct talk *talk;
	const char *name;
	uv_process_t handle;
	uv_pipe_t in, out, errors;
	struct text own_out, own_errors;
	struct text *out_text, *errors_text;	/* where its output goes */
	bool runs, out_open, errors_open;
	bool is_peer;			/* it connects to the control socket before it does anything */
	int64_t exit;			/* status; −1: by a signal */
	int signal;
	char buffer[16384];
};

/* argv ends with NULL; input NULL: none.  log: stderr also goes there; or NULL. */
struct process *process_start(struct talk *, const char *name, char **argv, const char *input,
    struct text *log, struct error *);
void process_signal(struct process *, int number);
bool process_over(const struct process *);	/* ended, and its output read */
bool process_sleeps(const struct process *);	/* it waits for something */
/* A bot that it has started, also one that has ended and is not reaped; 0: none. */
int process_child(const struct process *);
struct pid_look {
	char name[64], state;		/* 'S' sleeps, 'R' runs, 'Z' has ended … */
	int parent;
};
bool pid_look(int pid, struct pid_look *);	/* false: there is no such process */
/* All that still run are killed and awaited; their handles are closed. */
void processes_stop(struct talk *);
void processes_free(struct talk *);	/* after the loop has closed them */

#endif
