/*
 * load_private.h - what the files of the load generator share.
 */
#ifndef BENCH_LOAD_PRIVATE_H
#define BENCH_LOAD_PRIVATE_H

#include "load.h"
#include "peer.h"

#define NUMBERS_KEPT (1u << 18)		/* far more than are ever under way */

struct exchange {
	unsigned number;
	int64_t sent, acked, posted;
};

struct load {
	int epoll, listener;
	SSL_CTX *trust;
	char *url, *authority, *socket_url;
	struct peer *peers;

	/* what is sent: text with ######## where the number goes */
	struct text frame;
	bool wants_post, at_hello;
	unsigned next;			/* number; of the first: 1 */
	unsigned from;			/* the first of this count */
	struct exchange *exchanges;	/* NUMBERS_KEPT, by the low bits of the number */
	struct load_counts counts;
	struct { float *item; size_t count, size; } acknowledged;	/* ms */
	int64_t first, noticed;
	struct peer *turn;		/* whose turn it is to be sent something */

	unsigned posts;			/* messages that we gave a ts */
	struct text card;		/* the last body outside of a thread */
	char card_ts[20];
	void (*on_message)(void *, const char *, size_t);
	void *on_message_arg;
};

void load_acknowledge(struct load *, unsigned number);
void load_post(struct load *, unsigned number);
struct exchange *load_exchange(struct load *, unsigned number);	/* NULL: not one of this count */
bool load_give(struct load *, const char *frame, size_t length);	/* to a socket that stands */

/* The digits after PREFIX in bytes that need not end with '\0'; 0: there are none. */
unsigned load_find_number(const char *bytes, size_t length, const char *prefix);

#endif
