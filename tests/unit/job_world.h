/*
 * job_world.h - children of a test, under a clock that it turns, and what was heard of each.
 *
 *	_cleanup_(fixture_clear) struct fixture f = fixture_make();
 *	_cleanup_(run_clear) struct run run = run_make();
 *	start(&f, &run, ARGV(W("print"), W("a line")), NULL);
 *	until(f.loop, run.done == 1);
 */
#ifndef TEST_JOB_WORLD_H
#define TEST_JOB_WORLD_H

#include "job.h"

#include "test.h"

#include "children.h"
#include "folder.h"
#include "turned.h"

struct run {			/* one child and what was heard of it */
	int done, exit;
	bool cut, late, lost;
	enum error_kind error;
	struct text printed;	/* by output() */
	struct text out, errors;
	char why[512];
	void (*then)(struct run *);
	void *arg;
};

struct fixture {
	struct folder folder;
	struct loop *loop;
	struct jobs *jobs;
	struct configuration configuration;
	struct mask_set *mask;
};

static inline struct fixture
fixture_make(void)
{
	struct fixture f = { .folder = folder_make(), .loop = turned_new(),
		.configuration = children_configuration(), .mask = mask_set_new(NULL) };
	struct error err = ERROR_INIT;

	f.jobs = jobs_new(f.loop, f.folder.path, children_self, &err);
	assert_non_null(f.jobs);
	return f;
}

static inline void
fixture_clear(struct fixture *f)
{
	jobs_free(f->jobs);
	loop_free(f->loop);
	mask_set_free(f->mask);
	folder_remove(&f->folder);
}

static inline struct run
run_make(void)
{
	return (struct run){ .printed = TEXT_INIT_LIMIT(MEGABYTES(8)),
		.out = TEXT_INIT_LIMIT(MEGABYTES(8)), .errors = TEXT_INIT };
}

static inline void
run_clear(struct run *run)
{
	text_clear(&run->printed);
	text_clear(&run->out);
	text_clear(&run->errors);
}

static inline void
on_output(void *arg, const char *text, size_t length, bool errors)
{
	(void)errors;
	text_add_bytes(&((struct run *)arg)->printed, text, length);
}

static inline void
on_done(void *arg, const struct job_result *result)
{
	struct run *run = arg;

	run->done++;
	run->exit = result->exit;
	run->cut = result->cut;
	run->late = result->late;
	run->lost = result->lost;
	run->error = result->error.kind;
	snprintf(run->why, sizeof(run->why), "%s", result->error.text);
	text_add_bytes(&run->out, result->out, result->length);
	text_add(&run->errors, result->errors);
	if (run->then != NULL)
		run->then(run);
}

static inline struct job_options
options_of(struct fixture *f, struct run *run, char *const *argv, const char *spool)
{
	return (struct job_options){ .argv = argv, .configuration = &f->configuration, .mask = f->mask,
		.limit = SECONDS(60), .cancel = TERM, .keep = KILOBYTES(512), .spool = spool,
		.output = on_output, .done = on_done, .arg = run };
}

#define ARGV(...) ((char *const[]){ (char[]){ "probe" }, (char[]){ "run" }, (char[]){ "--" }, __VA_ARGS__, NULL })
#define W(word) ((char[]){ word })

static inline struct job *
start(struct fixture *f, struct run *run, char *const *argv, const char *spool)
{
	struct job_options options = options_of(f, run, argv, spool);

	return job_start(f->jobs, &options);
}

static inline char *
read_whole(const struct fixture *f, const char *name)
{
	const char *path = folder_path(&f->folder, name);
	char *bytes = arena_alloc(f->folder.arena, 4096);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && read(fd, bytes, 4095) < 0)
		bytes[0] = '\0';
	if (fd >= 0)
		close(fd);
	return bytes;
}

#endif
