/* kubectl_copy.c - the private kubeconfigs that were written, and what they were copied from. */

#include "kubectl_copy.h"

#include <stdlib.h>
#include <time.h>

#include "base/text.h"

struct copy {
	char *from, *context, *to;
	struct stat source, copy;
};

static struct {
	struct copy *item;
	size_t count, size;
} copies;

static void __attribute__((destructor))
forget_all(void)
{
	for (size_t i = 0; i < copies.count; i++) {
		free(copies.item[i].from);
		free(copies.item[i].context);
		free(copies.item[i].to);
	}
	free(copies.item);
}

static bool
same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	    same_time(a->st_mtim, b->st_mtim) && same_time(a->st_ctim, b->st_ctim);
}

static struct copy *
find(const char *to)
{
	for (size_t i = 0; i < copies.count; i++)
		if (string_equal(copies.item[i].to, to))
			return &copies.item[i];
	return NULL;
}

bool
kubectl_copy_is_good(const char *from, const char *context, const char *to)
{
	const struct copy *copy = find(to);
	struct stat source, private;

	return copy != NULL && string_equal(copy->from, from) && string_equal(copy->context, context) &&
	    stat(from, &source) == 0 && same_file(&source, &copy->source) &&
	    lstat(to, &private) == 0 && same_file(&private, &copy->copy);
}

/* A change of now may leave the same times: of the two, the file's is the earlier one by a second at least. */
static bool
is_settled(const struct stat *file)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec - file->st_ctim.tv_sec > 1;
}

void
kubectl_copy_note(const char *from, const char *context, const char *to, const struct stat *then)
{
	struct copy *copy = find(to);
	struct stat private;

	if (copy == NULL) {
		copy = GROW(&copies);
		copy->to = xstrdup(to);
	}
	free(copy->from);
	free(copy->context);
	copy->from = copy->context = NULL;
	if (!is_settled(then) || lstat(to, &private) != 0)
		return;
	copy->from = xstrdup(from);
	copy->context = context != NULL ? xstrdup(context) : NULL;
	copy->source = *then;
	copy->copy = private;
}
