/*
 * loop_private.h - what loop.c and loop_control.c share; nobody else includes it.
 */
#ifndef BOT_LOOP_PRIVATE_H
#define BOT_LOOP_PRIVATE_H

#include <stdlib.h>
#include <uv.h>

#include "loop.h"

#define CPU_STEP 50000	/* ns */
#define CPU_STEPS 1024

struct control;

struct loop {
	uv_loop_t uv;
	uv_timer_t timer;
	uv_prepare_t prepare;
	uv_check_t check;
	uv_idle_t again;
	struct {
		struct timer **item;
		size_t count, size;
	} heap;
	uint64_t order;
	struct {
		void (*work)(void *);
		void *arg;
	} end[16];
	size_t end_count;
	int busy[BUSY_KINDS];
	uint64_t turn_began, turn_cpu;	/* ns; 0: no turn is measured */
	struct loop_meter meter;
	uint32_t cpu_turns[CPU_STEPS];	/* turns by their CPU, CPU_STEP each; the last: and more */

	bool turned;			/* clocks stand still: the runner turns them */
	int64_t now, wall;
	struct control *control;
};

int64_t loop_next_timer(const struct loop *);	/* ms, −1 none */
bool loop_fire_due(struct loop *);	/* false: nothing was due */
void loop_control_close(struct loop *);

#endif
