/*
 * mask_stream.c - what is secret in the bytes at hand, and what the next bytes could still change.
 *
 * Each pass looks at all that is held anew: values may have been added since.  Only the "•••" that
 * were printed for bytes still held, and a shape that reached the last byte, are remembered.
 */

#include <stdlib.h>
#include <string.h>

#include "mask_parts.h"

#define SLICE KILOBYTES(64)

/* What is to be masked in the bytes at hand. */
struct span {
	size_t start, end;
	bool shape;
	size_t trigger; /* where a shape was recognized */
};

struct scan {
	const char *s;
	size_t length;
	bool final;
	size_t hold;	  /* from here on it is kept for the next time */
	size_t continued; /* the first bytes, which belong to a "•••" already printed */
	struct mask_tail tail;
	bool tail_fresh;      /* of a shape that began in these bytes, */
	size_t tail_start;    /* here */
	size_t shaped;	      /* the end of the last shape: none begins before it */
	struct span *item;
	size_t count, size;
};

static void
hold_from(struct scan *scan, size_t place)
{
	if (!scan->final && place < scan->hold)
		scan->hold = place;
}

/* Overlapping values make one span; that keeps the list short. */
static void
add_span(struct scan *scan, struct span span)
{
	struct span *last = scan->count > 0 ? &scan->item[scan->count - 1] : NULL;

	if (span.start == span.end)
		return;
	if (last != NULL && !last->shape && !span.shape && span.start < last->end &&
	    last->start < span.end) {
		if (span.start < last->start)
			last->start = span.start;
		if (span.end > last->end)
			last->end = span.end;
		return;
	}
	*GROW(scan) = span;
}

static void
scan_values(struct scan *scan, struct automaton *forms)
{
	uint32_t state = AUTOMATON_START;
	size_t length;
	int label;

	for (size_t i = 0; i < scan->length;) {
		i += automaton_pass(forms, &state, scan->s + i, scan->length - i, &length, &label);
		if (length > 0)
			add_span(scan, (struct span){ .start = i - length, .end = i });
	}
	hold_from(scan, scan->length - automaton_depth(forms, state));
}

static void
scan_shape(struct scan *scan, int label, size_t trigger)
{
	struct shape_match match;
	size_t end;

	if (trigger < scan->shaped)
		return;
	switch (shape_begin(label, scan->s + trigger, scan->length - trigger, scan->final, &match)) {
	case SHAPE_NO:
		return;
	case SHAPE_MORE:
		hold_from(scan, trigger);
		return;
	case SHAPE_YES:
		end = trigger + match.end;
		end += shape_tail(&match.tail, scan->s + end, scan->length - end);
		add_span(scan,
		    (struct span){ trigger + match.start, end, .shape = true, .trigger = trigger });
		scan->tail = match.tail;
		scan->tail_fresh = true;
		scan->tail_start = trigger + match.start;
		scan->shaped = end;
		return;
	}
}

static void
scan_shapes(struct scan *scan)
{
	struct automaton *triggers = shape_triggers();
	uint32_t state = AUTOMATON_START;
	size_t length;
	int label;

	for (size_t i = 0; i < scan->length;) {
		i += automaton_pass(triggers, &state, scan->s + i, scan->length - i, &length, &label);
		if (length > 0)
			scan_shape(scan, label, i - length);
	}
	hold_from(scan, scan->length - automaton_depth(triggers, state));
}

/*
 * A shape whose secret begins in what is held is found again, if its trigger is held with it.  This
 * may pull other shapes' secrets into what is held: until nothing moves.
 */
static void
hold_triggers(struct scan *scan)
{
	size_t before;

	do {
		before = scan->hold;
		for (size_t i = 0; i < scan->count; i++)
			if (scan->item[i].shape && scan->item[i].start >= scan->hold)
				hold_from(scan, scan->item[i].trigger);
	} while (scan->hold < before);
}

static int
compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* Prints up to `hold`; returns how far that went, which is further when a span reaches over it. */
static size_t
print_spans(struct scan *scan, struct text *out)
{
	size_t at = scan->continued, i = 0, end;

	if (scan->count > 1)
		qsort(scan->item, scan->count, sizeof *scan->item, compare_spans);
	/* What overlaps the secret printed before belongs to it. */
	for (; i < scan->count && scan->item[i].start < at; i++)
		if (scan->item[i].end > at)
			at = scan->item[i].end;
	while (i < scan->count && scan->item[i].start < scan->hold) {
		text_add_bytes(out, scan->s + at, scan->item[i].start - at);
		text_add(out, MASK_WORD);
		at = scan->item[i].start;
		end = scan->item[i].end;
		for (; i < scan->count && scan->item[i].start < end; i++)
			if (scan->item[i].end > end)
				end = scan->item[i].end;
		at = end;
	}
	if (at < scan->hold) {
		text_add_bytes(out, scan->s + at, scan->hold - at);
		at = scan->hold;
	}
	return at;
}

/*
 * Keeps what the next bytes could change, and says of it what was decided already.  Shapes that
 * begin in it are found again next time, and so are their tails.
 */
static void
keep(struct mask_stream *stream, const struct scan *scan, size_t printed)
{
	size_t shaped = stream->shaped;

	for (size_t i = 0; i < scan->count; i++)
		if (scan->item[i].shape && scan->item[i].start < scan->hold)
			shaped = scan->item[i].end > shaped ? scan->item[i].end : shaped;
	if (stream->tail.kind != 0 && scan->continued > shaped)
		shaped = scan->continued;
	stream->shaped = shaped > scan->hold ? shaped - scan->hold : 0;
	stream->tail = scan->tail;
	if (scan->tail_fresh && scan->tail_start >= scan->hold)
		stream->tail.kind = 0;
	stream->covered = printed - scan->hold;
	text_drop(&stream->held, scan->hold);
}

static void
pass(struct mask_stream *stream, struct text *out, bool final)
{
	struct scan scan = { .s = stream->held.data,
		.length = stream->held.length,
		.final = final,
		.hold = stream->held.length,
		.continued = stream->covered,
		.tail = stream->tail,
		.shaped = stream->shaped };

	scan.continued += shape_tail(&scan.tail, scan.s + scan.continued,
	    scan.length - scan.continued);
	if (stream->tail.kind != 0)
		scan.shaped = scan.continued;
	for (struct mask_set *set = stream->set; set != NULL; set = set->parent)
		scan_values(&scan, set->forms);
	scan_shapes(&scan);
	hold_triggers(&scan);
	keep(stream, &scan, print_spans(&scan, out));
	free(scan.item);
}

void
mask_stream_add(struct mask_stream *stream, struct text *out, const char *bytes, size_t length)
{
	size_t slice;

	for (; length > 0; bytes += slice, length -= slice) {
		slice = length < SLICE ? length : SLICE;
		text_add_bytes(&stream->held, bytes, slice);
		pass(stream, out, false);
	}
}

void
mask_stream_end(struct mask_stream *stream, struct text *out)
{
	pass(stream, out, true);
	mask_stream_clear(stream);
}

void
mask_stream_clear(struct mask_stream *stream)
{
	text_wipe(&stream->held);
	stream->covered = stream->shaped = 0;
	stream->tail = (struct mask_tail){ 0 };
}

void
mask_text(struct mask_set *set, struct text *out, const char *bytes, size_t length)
{
	struct mask_stream stream = MASK_STREAM(set);

	mask_stream_add(&stream, out, bytes, length);
	mask_stream_end(&stream, out);
}
