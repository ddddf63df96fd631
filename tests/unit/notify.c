/* notify.c - the service manager's side of the protocol: a real socket, and a real rollcall that talks to it. */

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/text.h"
#include "notify.h"
#include "test.h"
#include "folder.h"

extern char **environ;

struct manager {
	struct folder folder;
	struct sockaddr_un address;
	int fd;
};

static struct manager
manager_begin(void)
{
	struct manager m = { .folder = folder_make(), .address.sun_family = AF_UNIX };

	snprintf(m.address.sun_path, sizeof(m.address.sun_path), "%s/notify", m.folder.path);
	m.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(m.fd, (struct sockaddr *)&m.address, sizeof(m.address)), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", m.address.sun_path, 1), 0);
	return m;
}

static void
manager_end(struct manager *m)
{
	close(m->fd);
	folder_remove(&m->folder);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

/* One datagram; "" when none comes in ms. */
static const char *
hear(const struct manager *m, int ms)
{
	static char bytes[4096];
	struct pollfd readable = { .fd = m->fd, .events = POLLIN };
	ssize_t length = 0;

	if (poll(&readable, 1, ms) > 0)
		length = recv(m->fd, bytes, sizeof(bytes) - 1, 0);
	assert_true(length >= 0);
	bytes[length] = '\0';
	return bytes;
}

/* The next one with that line; the others are passed over. */
static const char *
await(const struct manager *m, const char *line)
{
	const char *heard;

	do {
		heard = hear(m, 20000);
		if (heard[0] == '\0')
			fail_msg("“%s” was not heard", line);
	} while (strstr(heard, line) == NULL);
	return heard;
}

TEST(state_and_status_are_one_datagram_with_a_line_each)
{
	_cleanup_(manager_end) struct manager m = manager_begin();

	notify_say("READY=1", "console: /run/rollcall.sock");
	assert_string_equal(hear(&m, 0), "READY=1\nSTATUS=console: /run/rollcall.sock");
	notify_say("WATCHDOG=1", NULL);
	assert_string_equal(hear(&m, 0), "WATCHDOG=1");
	notify_say(NULL, "draining");
	assert_string_equal(hear(&m, 0), "STATUS=draining");
}

TEST(a_status_cannot_smuggle_a_second_line)
{
	_cleanup_(manager_end) struct manager m = manager_begin();

	notify_say(NULL, "slack: no\nMAINPID=1\nREADY=1");
	assert_string_equal(hear(&m, 0), "STATUS=slack: no MAINPID=1 READY=1");
}

TEST(an_abstract_socket_is_found_by_its_at_sign)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct manager m = { .fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) };
	char name[64];
	int length = snprintf(name, sizeof(name), "@rollcall-test-%d", (int)getpid());

	memcpy(address.sun_path, name, (size_t)length);
	address.sun_path[0] = '\0';
	assert_int_equal(bind(m.fd, (struct sockaddr *)&address,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)length)), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	notify_say("READY=1", NULL);
	assert_string_equal(hear(&m, 0), "READY=1");
	unsetenv("NOTIFY_SOCKET");
	close(m.fd);
}

TEST(nobody_who_listens_is_no_trouble)
{
	static const char *const names[] = { NULL, "", "relative", "/nowhere/at/all", "@" };

	for (size_t i = 0; i < COUNT(names); i++) {
		if (names[i] != NULL)
			setenv("NOTIFY_SOCKET", names[i], 1);
		notify_say("READY=1", "fine");
		assert_row(i, notify_watchdog() == 0);
		unsetenv("NOTIFY_SOCKET");
	}
}

TEST(the_watchdog_is_fed_twice_in_its_time_and_only_by_whom_it_means)
{
	char own[24];
	static const struct {
		const char *usec, *pid;
		int64_t ms;
	} rows[] = {
		{ NULL, NULL, 0 }, { "30000000", NULL, 15000 }, { "30000000", "own", 15000 },
		{ "30000000", "1", 0 }, { "0", NULL, 0 }, { "-5", NULL, 0 }, { "soon", NULL, 0 },
	};

	snprintf(own, sizeof(own), "%d", (int)getpid());
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsetenv("WATCHDOG_USEC");
		unsetenv("WATCHDOG_PID");
		if (rows[i].usec != NULL)
			setenv("WATCHDOG_USEC", rows[i].usec, 1);
		if (rows[i].pid != NULL)
			setenv("WATCHDOG_PID", strcmp(rows[i].pid, "own") == 0 ? own : rows[i].pid, 1);
		assert_row(i, notify_watchdog() == rows[i].ms);
	}
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

/* ---- the program itself ---- */

static pid_t
start_rollcall(char *verb, char *option, char *value)
{
	char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 64);
	char *const argv[] = { (char[]){ "rollcall" }, verb, option, value,
		strcmp(verb, "drain") == 0 ? (char[]){ "--wait" } : NULL, NULL };
	pid_t pid;

	assert_true(length > 0);
	path[length] = '\0';
	*strrchr(path, '/') = '\0';		/* …/unit */
	memcpy(strrchr(path, '/'), "/rollcall", sizeof("/rollcall"));
	assert_int_equal(posix_spawn(&pid, path, NULL, NULL, argv, environ), 0);
	return pid;
}

static int
exit_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static char *
write_configuration(const struct manager *m)
{
	_cleanup_(text_clear) struct text yaml = TEXT_INIT;
	const char *path = folder_path(&m->folder, "rollcall.yaml");

	text_printf(&yaml, "state: sqlite:%s/state/db\nlisten: {socket: %s/socket}\n", m->folder.path,
	    m->folder.path);
	file_write(path, yaml.data, yaml.length, 0600);
	return (char *)(uintptr_t)path;
}

TEST(a_service_says_ready_feeds_the_watchdog_and_says_that_it_stops)
{
	_cleanup_(manager_end) struct manager m = manager_begin();
	pid_t pid;

	setenv("WATCHDOG_USEC", "100000", 1);
	pid = start_rollcall((char[]){ "run" }, (char[]){ "--config" }, write_configuration(&m));
	assert_non_null(strstr(await(&m, "READY=1"), "\nSTATUS=console: "));
	await(&m, "WATCHDOG=1");
	await(&m, "WATCHDOG=1");
	kill(pid, SIGTERM);
	await(&m, "STOPPING=1");
	assert_int_equal(exit_of(pid), 0);
}

TEST(drain_waits_for_the_end_of_the_process)
{
	_cleanup_(manager_end) struct manager m = manager_begin();
	pid_t pid = start_rollcall((char[]){ "run" }, (char[]){ "--config" }, write_configuration(&m));
	pid_t drain;

	await(&m, "READY=1");
	drain = start_rollcall((char[]){ "drain" }, (char[]){ "--socket" },
	    (char *)(uintptr_t)folder_path(&m.folder, "socket"));
	assert_int_equal(exit_of(drain), 0);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), pid);
	await(&m, "STOPPING=1");
}

TEST(a_store_that_cannot_be_opened_is_never_ready)
{
	_cleanup_(manager_end) struct manager m = manager_begin();
	const char *heard;

	file_write(folder_path(&m.folder, "state"), "a file", 6, 0600);
	assert_int_not_equal(exit_of(start_rollcall((char[]){ "run" }, (char[]){ "--config" },
	    write_configuration(&m))), 0);
	while ((heard = hear(&m, 0))[0] != '\0')
		assert_null(strstr(heard, "READY"));
}
