/*
 * wire.h - how a fake tool asks the talk runner what to do.
 *
 * The tool connects to the unix socket "cluster.sock" beside its program, the name under which it was
 * called kept (links are not followed).  Both sides send frames: one byte that says what, four bytes of
 * length (big-endian), so many bytes.  The tool begins with ASK; the runner sends any number of OUT and
 * ERROR and ends with EXIT or WORLD; until then the tool waits.  In the simulation the tool may send
 * WAIT, and gets another WORLD when the talk's clock is there.  A closed connection is exit 1.
 */
#ifndef CLUSTER_WIRE_H
#define CLUSTER_WIRE_H

#define WIRE_ASK 'a'	/* {"tool": "kubectl", "arguments": […], "cluster": "primary" or null, "pid": N} */
#define WIRE_OUT 'o'	/* bytes for stdout */
#define WIRE_ERROR 'e'	/* bytes for stderr */
#define WIRE_DEAF 'd'	/* SIGTERM and SIGINT are ignored from here on */
#define WIRE_HOLD 'h'	/* answered with the same: all before it is done and written */
#define WIRE_EXIT 'x'	/* the exit status in decimal; "kill": dies of SIGKILL */
#define WIRE_WORLD 'w'	/* go on with the simulation in cluster.json; the time, ms since 1970 */
#define WIRE_WAIT 't'	/* from the tool: nothing to do before that time; answered by WORLD */

#define WIRE_HEADER 5
#define WIRE_LIMIT (16 << 20)

#endif
