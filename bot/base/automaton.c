/* automaton.c - a trie whose nodes know where to go on after a mismatch. */

#include "automaton.h"

#include <stdlib.h>
#include <string.h>

/* Node 0 is the root, and as an index "none": nothing points to the root but fail. */
struct node {
	uint32_t child, sibling; /* a list: most nodes have one child */
	uint32_t fail;		 /* the longest proper suffix that is in the trie */
	uint32_t hit;		 /* this node or the nearest on the fail links that ends a string */
	uint32_t depth;
	int label;
	char byte;
	bool ends;
};

struct automaton {
	struct node *node;
	size_t count, size;
	uint32_t first[256]; /* the root's children, which are many */
	/* A bit for each pair of bytes that a string begins with: most bytes are passed by a look at it. */
	uint64_t pairs[64];
	bool ready;
};

struct automaton *
automaton_new(void)
{
	struct automaton *automaton = xcalloc(1, sizeof *automaton);

	automaton->size = 64;
	automaton->count = 1;
	automaton->node = xcalloc(automaton->size, sizeof *automaton->node);
	return automaton;
}

static void
free_nodes(struct automaton *automaton)
{
	explicit_bzero(automaton->node, automaton->count * sizeof *automaton->node);
	free(automaton->node);
}

void
automaton_free(struct automaton *automaton)
{
	if (automaton == NULL)
		return;
	free_nodes(automaton);
	free(automaton);
}

/* Not realloc, which leaves an unwiped copy behind. */
static uint32_t
add_node(struct automaton *automaton, struct node node)
{
	struct node *larger;

	if (automaton->count == automaton->size) {
		automaton->size *= 2;
		larger = xcalloc(automaton->size, sizeof *larger);
		memcpy(larger, automaton->node, automaton->count * sizeof *larger);
		free_nodes(automaton);
		automaton->node = larger;
	}
	automaton->node[automaton->count] = node;
	return (uint32_t)automaton->count++;
}

static uint32_t
find_child(const struct automaton *automaton, uint32_t parent, char byte)
{
	uint32_t child;

	if (parent == AUTOMATON_START)
		return automaton->first[(unsigned char)byte];
	child = automaton->node[parent].child;
	while (child != 0 && automaton->node[child].byte != byte)
		child = automaton->node[child].sibling;
	return child;
}

static uint32_t
add_child(struct automaton *automaton, uint32_t parent, char byte)
{
	uint32_t child = add_node(automaton,
	    (struct node){ .byte = byte,
		.sibling = automaton->node[parent].child,
		.depth = automaton->node[parent].depth + 1 });

	automaton->node[parent].child = child;
	if (parent == AUTOMATON_START)
		automaton->first[(unsigned char)byte] = child;
	return child;
}

static void
add_pair(struct automaton *automaton, char first, char second)
{
	automaton->pairs[first & 63] |= UINT64_C(1) << (second & 63);
}

void
automaton_add(struct automaton *automaton, const char *bytes, size_t length, int label)
{
	uint32_t node = AUTOMATON_START, child;

	if (length == 0)
		return;
	if (length == 1)
		automaton->pairs[*bytes & 63] = UINT64_MAX;
	else
		add_pair(automaton, bytes[0], bytes[1]);
	for (size_t i = 0; i < length; i++) {
		if ((child = find_child(automaton, node, bytes[i])) == 0) {
			child = add_child(automaton, node, bytes[i]);
			automaton->ready = false;
		}
		node = child;
	}
	if (automaton->node[node].ends)
		return;
	automaton->node[node].ends = true;
	automaton->node[node].label = label;
	automaton->ready = false;
}

static uint32_t
step(const struct automaton *automaton, uint32_t state, char byte)
{
	uint32_t child;

	while ((child = find_child(automaton, state, byte)) == 0 && state != AUTOMATON_START)
		state = automaton->node[state].fail;
	return child;
}

static void
link_node(struct automaton *automaton, uint32_t parent, uint32_t index)
{
	struct node *node = &automaton->node[index];

	node->fail = AUTOMATON_START;
	if (parent != AUTOMATON_START)
		node->fail = step(automaton, automaton->node[parent].fail, node->byte);
	node->hit = node->ends ? index : automaton->node[node->fail].hit;
}

/* Breadth first: a node's suffixes are shorter and therefore done. */
static void
make_ready(struct automaton *automaton)
{
	uint32_t *queue = xcalloc(automaton->count, sizeof *queue);
	size_t end = 1;

	for (size_t at = 0; at < end; at++)
		for (uint32_t i = automaton->node[queue[at]].child; i != 0;
		     i = automaton->node[i].sibling) {
			link_node(automaton, queue[at], i);
			queue[end++] = i;
		}
	free(queue);
	automaton->ready = true;
}

/* The first byte that a string may begin with; the last one may, whatever would follow. */
static size_t
skip(const struct automaton *automaton, const char *bytes, size_t length)
{
	size_t i = 0;

	while (i + 1 < length &&
	    (automaton->pairs[bytes[i] & 63] >> (bytes[i + 1] & 63) & 1) == 0)
		i++;
	return i;
}

size_t
automaton_pass(struct automaton *automaton, uint32_t *state, const char *bytes, size_t length, size_t *hit,
    int *label)
{
	const struct node *node;

	*hit = 0;
	if (automaton->count == 1)
		return length;
	if (!automaton->ready)
		make_ready(automaton);
	for (size_t i = 0; i < length; i++) {
		if (*state == AUTOMATON_START)
			i += skip(automaton, bytes + i, length - i);
		*state = step(automaton, *state, bytes[i]);
		node = &automaton->node[automaton->node[*state].hit];
		if (node->depth > 0) {
			*hit = node->depth;
			*label = node->label;
			return i + 1;
		}
	}
	return length;
}

size_t
automaton_depth(const struct automaton *automaton, uint32_t state)
{
	return automaton->node[state].depth;
}
