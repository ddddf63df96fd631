/*
 * cluster_call.h - calls the fake kubectl and helm as rollcall would, and plays the talk runner to them.
 *
 * A cluster is a folder with links to the program and a socket on which this side answers.  Its clock
 * stands still: a tool that waits gets the moment that it waits for at once.
 */
#ifndef CLUSTER_CALL_H
#define CLUSTER_CALL_H

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"
#include "test.h"
#include "folder.h"
#include "tests/fakes/cluster/wire.h"

#define PRESENT 1795270800000	/* 2026-11-21T14:20:00Z */

struct frame {
	char what;
	const char *bytes;
};

struct cluster {
	struct folder folder;
	int server;
	int64_t now;
	const struct frame *script;	/* frames to answer with, ends with what 0; NULL: the simulation */
	struct text asked;		/* the last question */
};

struct called {
	int exit;			/* -N: by signal N */
	struct text out, errors;
};

static char *
program_path(void)
{
	static char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 64);

	assert_true(length > 0);
	path[length] = '\0';
	*strrchr(path, '/') = '\0';		/* …/unit */
	strcpy(strrchr(path, '/'), "/cluster-checked");
	return path;
}

static void
listen_at(struct cluster *cluster)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/cluster.sock",
	    cluster->folder.path);
	cluster->server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(cluster->server >= 0);
	assert_int_equal(bind(cluster->server, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(cluster->server, 8), 0);
}

/* A folder with links; alone: without this side's socket. */
static void
cluster_begin(struct cluster *cluster, bool alone)
{
	static const char *const names[] = { "kubectl", "helm", "argocd", "rollcall-cluster" };

	*cluster = (struct cluster){ .folder = folder_make(), .server = -1, .now = PRESENT };
	text_init(&cluster->asked, MEGABYTES(1));
	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(symlink(program_path(), folder_path(&cluster->folder, names[i])), 0);
	if (!alone)
		listen_at(cluster);
}

static void
cluster_end(struct cluster *cluster)
{
	if (cluster->server >= 0)
		close(cluster->server);
	folder_remove(&cluster->folder);
	text_clear(&cluster->asked);
}

static void
called_clear(struct called *called)
{
	text_clear(&called->out);
	text_clear(&called->errors);
}

static void
send_frame(int fd, char what, const char *bytes)
{
	size_t length = strlen(bytes);
	unsigned char header[WIRE_HEADER] = { (unsigned char)what };

	for (int i = 0; i < 4; i++)
		header[1 + i] = (unsigned char)(length >> (24 - 8 * i));
	assert_int_equal(send(fd, header, sizeof(header), MSG_NOSIGNAL), sizeof(header));
	if (length > 0)
		assert_int_equal(send(fd, bytes, length, MSG_NOSIGNAL), length);
}

static void
answer_frame(struct cluster *cluster, int fd, char what, const char *bytes)
{
	char now[32];

	if (what == WIRE_ASK) {
		text_reset(&cluster->asked);
		text_add(&cluster->asked, bytes);
		for (const struct frame *frame = cluster->script; frame != NULL && frame->what != 0;
		     frame++)
			send_frame(fd, frame->what, frame->bytes);
		if (cluster->script != NULL)
			return;
	} else {
		assert_int_equal(what, WIRE_WAIT);
		cluster->now = strtoll(bytes, NULL, 10);
	}
	snprintf(now, sizeof(now), "%lld", (long long)cluster->now);
	send_frame(fd, WIRE_WORLD, now);
}

/* false: the tool has closed. */
static bool
answer_tool(struct cluster *cluster, int fd)
{
	unsigned char header[WIRE_HEADER];
	size_t length;
	char *bytes;

	if (recv(fd, header, sizeof(header), MSG_WAITALL) != sizeof(header))
		return false;
	length = (size_t)header[3] << 8 | header[4];
	bytes = xcalloc(1, length + 1);
	assert_int_equal(recv(fd, bytes, length, MSG_WAITALL), length);
	answer_frame(cluster, fd, (char)header[0], bytes);
	free(bytes);
	return true;
}

static bool
drain(int fd, struct text *into)
{
	char piece[65536];
	ssize_t length = read(fd, piece, sizeof(piece));

	if (length > 0)
		text_add_bytes(into, piece, (size_t)length);
	return length > 0;
}

/* Serves the tool until it has closed both of its streams. */
static void
serve(struct cluster *cluster, struct called *called, int out, int errors)
{
	struct pollfd at[] = { { out, POLLIN, 0 }, { errors, POLLIN, 0 },
		{ cluster->server, POLLIN, 0 }, { -1, POLLIN, 0 } };

	while (at[0].fd >= 0 || at[1].fd >= 0) {
		assert_true(poll(at, 4, 10000) > 0);
		if (at[2].revents != 0)
			at[3].fd = accept(at[2].fd, NULL, NULL);
		else if (at[3].revents != 0 && !answer_tool(cluster, at[3].fd)) {
			close(at[3].fd);
			at[3].fd = -1;
		}
		if (at[0].revents != 0 && !drain(out, &called->out))
			at[0].fd = -1;
		if (at[1].revents != 0 && !drain(errors, &called->errors))
			at[1].fd = -1;
	}
	if (at[3].fd >= 0)
		close(at[3].fd);
}

static void
be_tool(struct cluster *cluster, char *const *argv, int out, int errors)
{
	char config[4096];
	char *const environment[] = { (char[]){ "ASAN_OPTIONS=exitcode=99" }, config, NULL };

	snprintf(config, sizeof(config), "KUBECONFIG=%s", folder_path(&cluster->folder, "config"));
	dup2(out, 1);
	dup2(errors, 2);
	execve(folder_path(&cluster->folder, argv[0]), argv, environment);
	_exit(127);
}

static struct called
cluster_call(struct cluster *cluster, char *const *argv)
{
	struct called called = { 0 };
	int out[2], errors[2], status;
	pid_t child;

	text_init(&called.out, MEGABYTES(4));
	text_init(&called.errors, MEGABYTES(1));
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(errors, O_CLOEXEC), 0);
	fflush(NULL);
	if ((child = fork()) == 0)
		be_tool(cluster, argv, out[1], errors[1]);
	assert_true(child > 0);
	close(out[1]);
	close(errors[1]);
	serve(cluster, &called, out[0], errors[0]);
	close(out[0]);
	close(errors[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	called.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
	return called;
}

/* The playground's world, at PRESENT. */
static inline void
world_begin(struct cluster *cluster)
{
	char *const argv[] = { (char[]){ "rollcall-cluster" }, (char[]){ "init" }, NULL, NULL, NULL };
	char *whole[COUNT(argv)];
	struct called called;

	cluster_begin(cluster, false);
	memcpy(whole, argv, sizeof(argv));
	whole[2] = arena_strdup(cluster->folder.arena, folder_path(&cluster->folder, "cluster.json"));
	whole[3] = arena_printf(cluster->folder.arena, "%lld", (long long)PRESENT);
	called = cluster_call(cluster, whole);
	assert_int_equal(called.exit, 0);
	called_clear(&called);
}

/* One string, arguments separated by blanks. */
static struct called
call(struct cluster *cluster, const char *line)
{
	char *words = xstrdup(line), *argv[40] = { NULL }, *save = NULL, *word;
	struct called called;
	size_t count = 0;

	for (word = strtok_r(words, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
		argv[count++] = word;
	called = cluster_call(cluster, argv);
	free(words);
	return called;
}

/* The JSON that a call prints; it must have been good. */
static inline cJSON *
call_json(struct cluster *cluster, const char *line)
{
	struct called called = call(cluster, line);
	cJSON *json;

	assert_int_equal(called.exit, 0);
	json = json_parse(called.out.data, called.out.length, NULL);
	assert_non_null(json);
	called_clear(&called);
	return json;
}

/* Exit status and text of a call, the text being what it printed on the stream that has any. */
#define assert_call(cluster, line, status, text)                                                   \
	do {                                                                                       \
		struct called c_ = call(cluster, line);                                            \
		const char *said_ = c_.errors.length > 0 ? c_.errors.data : c_.out.data;           \
		if (c_.exit != (status) || strcmp(said_, text) != 0)                               \
			fail_msg("%s: exit %d, said: %s", line, c_.exit, said_);                   \
		called_clear(&c_);                                                                 \
	} while (0)

#endif
