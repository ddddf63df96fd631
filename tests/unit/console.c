/* console.c - the door at the machine: whose socket it is, who speaks, how long. */

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "../../adapters/chat/console.h"

#include "command.h"
#include "configuration.h"
#include "test.h"
#include "folder.h"
#include "turned.h"

#define NOBODY 65534

struct booth {
	struct folder folder;
	struct loop *loop;
	struct configuration configuration;
	struct chat_host host;
	void *link;
	struct error err;
	struct { struct arrival **item; size_t count, size; } arrivals;
	int drains;
};

static void
on_arrived(void *bot, struct arrival *arrival)
{
	struct booth *booth = bot;

	*GROW(&booth->arrivals) = arrival;
}

static void
on_state(void *bot, const struct chat *chat, bool ready, bool stop, const char *sentence)
{
	(void)bot;
	(void)chat;
	(void)ready;
	(void)stop;
	(void)sentence;
}

static void
on_count(void *bot, const char *counter)
{
	(void)bot;
	(void)counter;
}

static void
on_control(void *bot, const char *verb, const char *argument, const char *who, control_done *done, void *arg)
{
	(void)argument;
	(void)who;
	((struct booth *)bot)->drains += string_equal(verb, "drain");
	done(arg, ERROR_NONE, "Nothing runs");
}

static void
booth_make(struct booth *booth)
{
	*booth = (struct booth){ .folder = folder_make(), .loop = turned_new(), .err = ERROR_INIT };
	umask(077);
	booth->configuration.listen_socket = xstrdup(folder_path(&booth->folder, "sock"));
	booth->host = (struct chat_host){ .bot = booth, .loop = booth->loop, .configuration = &booth->configuration,
		.arrived = on_arrived, .state = on_state, .count = on_count, .control = on_control };
}

static bool
booth_open(struct booth *booth)
{
	booth->err = (struct error)ERROR_INIT;
	booth->link = console_chat.start(&booth->host, &booth->err);
	return booth->link != NULL;
}

static void
booth_close(struct booth *booth)
{
	if (booth->link != NULL) {
		console_chat.stop(booth->link);
		settle(booth->loop);
		console_chat.free(booth->link);
		settle(booth->loop);
	}
	booth->link = NULL;
}

static void
booth_clear(struct booth *booth)
{
	char *path;

	booth_close(booth);
	for (size_t i = 0; i < booth->arrivals.count; i++)
		arena_free(booth->arrivals.item[i]->arena);
	free(booth->arrivals.item);
	settle(booth->loop);
	loop_free(booth->loop);
	memcpy(&path, &booth->configuration.listen_socket, sizeof(path));
	free(path);
	folder_remove(&booth->folder);
}

static int
come(struct booth *booth)
{
	int fd = console_connect(booth->configuration.listen_socket);

	assert_true(fd >= 0);
	settle(booth->loop);
	return fd;
}

static void
say(struct booth *booth, int fd, const char *line)
{
	assert_int_equal(send(fd, line, strlen(line), MSG_NOSIGNAL), strlen(line));
	settle(booth->loop);
}

/* What came until now; *open: the other side is still there. */
static const char *
heard(int fd, bool *open)
{
	static char bytes[4096];
	ssize_t length;
	size_t have = 0;

	while ((length = recv(fd, bytes + have, sizeof(bytes) - 1 - have, MSG_DONTWAIT)) > 0)
		have += (size_t)length;
	*open = length != 0;
	bytes[have] = '\0';
	return bytes;
}

static struct message *
card(void)
{
	struct message *message = message_new();

	message->text = "a card";
	return message;
}

static void
on_delivered(void *arg, const struct delivered *delivered)
{
	*(int *)arg = (int)delivered->outcome;
}

static int
deliver(struct booth *booth, const char *channel)
{
	_cleanup_(message_freep) struct message *message = card();
	struct post post = { .kind = POST_NEW, .key = "R-1/card", .channel = channel, .message = message };
	int outcome = -1;

	console_chat.deliver(booth->link, &post, on_delivered, &outcome);
	settle(booth->loop);
	return outcome;
}

TEST(cs1_the_socket_is_for_us_and_our_group)
{
	struct booth booth;

	booth_make(&booth);
	assert_true(booth_open(&booth));
	assert_int_equal(file_mode(booth.configuration.listen_socket), 0660);
	assert_int_equal(file_mode(folder_path(&booth.folder, "sock.lock")), 0600);
	booth_clear(&booth);
}

static void
leave_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
}

static void
leave_file(const char *path)
{
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static void
leave_link_to_a_socket(const char *path)
{
	_cleanup_(freep) char *other = xasprintf("%s.other", path);

	leave_socket(other);
	assert_int_equal(symlink(other, path), 0);
}

static void
leave_link_to_nothing(const char *path)
{
	_cleanup_(freep) char *other = xasprintf("%s.planted", path);

	assert_int_equal(symlink(other, path), 0);
}

static void
leave_lock_as_link(const char *path)
{
	_cleanup_(freep) char *lock = xasprintf("%s.lock", path);

	assert_int_equal(symlink(path, lock), 0);
}

static void
leave_folder(const char *path)
{
	assert_int_equal(mkdir(path, 0700), 0);
}

static void
leave_socket_of_another(const char *path)
{
	leave_socket(path);
	if (geteuid() == 0)
		assert_int_equal(chown(path, NOBODY, NOBODY), 0);
}

TEST(cs1_only_a_socket_of_ours_is_replaced)
{
	struct { void (*leave)(const char *path); const char *why; } rows[] = {
		{ leave_socket, NULL },
		{ leave_file, "is not a socket of ours" },
		{ leave_folder, "is not a socket of ours" },
		{ leave_link_to_a_socket, "is not a socket of ours" },
		{ leave_link_to_nothing, "is not a socket of ours" },
		{ leave_lock_as_link, "cannot be made" },
		{ leave_socket_of_another, geteuid() == 0 ? "is not a socket of ours" : NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct booth booth;
		struct stat before = { 0 }, after = { 0 };

		booth_make(&booth);
		rows[i].leave(booth.configuration.listen_socket);
		lstat(booth.configuration.listen_socket, &before);
		assert_row(i, booth_open(&booth) == (rows[i].why == NULL));
		if (rows[i].why != NULL) {
			assert_row(i, strstr(booth.err.text, rows[i].why) != NULL);
			lstat(booth.configuration.listen_socket, &after);
			assert_row(i, before.st_ino == after.st_ino && before.st_mode == after.st_mode);
		}
		booth_clear(&booth);
	}
}

TEST(cs1_the_socket_of_one_that_runs_is_left_to_it)
{
	struct booth booth;
	struct error err = ERROR_INIT;
	int fd;

	booth_make(&booth);
	assert_true(booth_open(&booth));
	assert_null(console_chat.start(&booth.host, &err));
	assert_non_null(strstr(err.text, "already running"));
	fd = come(&booth);
	say(&booth, fd, "{\"say\":\"help\"}\n");
	assert_int_equal(booth.arrivals.count, 1);
	close(fd);
	booth_clear(&booth);
}

TEST(cs1_a_session_ends_by_its_age_also_one_that_talks)
{
	struct booth booth;
	bool open;
	int fd;

	booth_make(&booth);
	assert_true(booth_open(&booth));
	fd = come(&booth);
	for (int i = 0; i < 29; i++) {
		turn(booth.loop, MINUTES(1));
		say(&booth, fd, "{\"say\":\"help\"}\n");
	}
	turn(booth.loop, SECONDS(59));
	assert_string_equal(heard(fd, &open), "");
	assert_true(open);
	turn(booth.loop, SECONDS(1));
	assert_non_null(strstr(heard(fd, &open), "{\"kind\":\"end\",\"key\":\"console:"));
	assert_false(open);
	assert_int_equal(booth.arrivals.count, 29);
	close(fd);
	booth_clear(&booth);
}

TEST(cs1_the_same_user_goes_on_where_the_session_ended_for_a_while)
{
	struct booth booth;
	_cleanup_(freep) char *channel = NULL, *again = NULL;
	int first, second;
	bool open;

	booth_make(&booth);
	assert_true(booth_open(&booth));
	first = come(&booth);
	say(&booth, first, "{\"say\":\"help\"}\n");
	channel = xstrdup(booth.arrivals.item[0]->channel);
	again = xasprintf("{\"again\":\"%s\"}\n", channel);
	second = come(&booth);
	say(&booth, second, again);		/* while it is somebody's: no */
	say(&booth, second, "{\"say\":\"help\"}\n");
	assert_string_not_equal(booth.arrivals.item[1]->channel, channel);
	close(second);
	turn(booth.loop, MINUTES(30));
	heard(first, &open);
	assert_false(open);
	assert_int_equal(deliver(&booth, channel), LATER);
	second = come(&booth);
	say(&booth, second, again);
	assert_int_equal(deliver(&booth, channel), SENT);
	assert_non_null(strstr(heard(second, &open), "a card"));
	close(first);
	close(second);
	turn(booth.loop, MINUTES(31));
	assert_int_equal(deliver(&booth, channel), REFUSED_FOR_GOOD);
	booth_clear(&booth);
}

/* As somebody else: the uid of a descriptor that changed hands is read anew when it connects. */
static pid_t
come_as_nobody(const struct booth *booth, const char *lines)
{
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
		_exit(2);
	fd = console_connect(booth->configuration.listen_socket);
	_exit(fd < 0 || send(fd, lines, strlen(lines), MSG_NOSIGNAL) < 0 ? 3 : 0);
}

TEST(cs1_another_user_gets_neither_name_nor_channel_nor_verbs)
{
	struct booth booth;
	_cleanup_(freep) char *channel = NULL, *lines = NULL;
	int first, status;
	pid_t pid;

	if (geteuid() != 0)
		skip();
	signal(SIGPIPE, SIG_IGN);	/* as the bot does: that one leaves without reading */
	booth_make(&booth);
	assert_int_equal(chmod(booth.folder.path, 0755), 0);
	assert_true(booth_open(&booth));
	assert_int_equal(chmod(booth.configuration.listen_socket, 0666), 0);
	first = come(&booth);
	say(&booth, first, "{\"say\":\"help\"}\n{\"control\":\"drain\"}\n");
	assert_string_equal(booth.arrivals.item[0]->person, "local:root");
	assert_int_equal(booth.drains, 1);
	channel = xstrdup(booth.arrivals.item[0]->channel);
	turn(booth.loop, MINUTES(30));
	lines = xasprintf("{\"again\":\"%s\"}\n{\"control\":\"drain\"}\n{\"say\":\"help\",\"as\":\"root\"}\n", channel);
	pid = come_as_nobody(&booth, lines);
	until(booth.loop, booth.arrivals.count == 2);
	assert_string_equal(booth.arrivals.item[1]->person, "local:nobody");
	assert_string_not_equal(booth.arrivals.item[1]->channel, channel);
	assert_int_equal(booth.drains, 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(first);
	booth_clear(&booth);
}

static bool
has_byte(int fd)
{
	return poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 0) == 1;
}

/* Sixty-four sessions of anybody's kept root from saying drain, or unlock. */
TEST(cs1_somebody_who_takes_every_place_leaves_some_for_root)
{
	struct booth booth;
	int status, root, held[2], tried[2];
	bool open;
	pid_t pid;

	if (geteuid() != 0)
		skip();
	booth_make(&booth);
	assert_int_equal(chmod(booth.folder.path, 0755), 0);
	assert_true(booth_open(&booth));
	assert_int_equal(chmod(booth.configuration.listen_socket, 0666), 0);
	assert_int_equal(pipe(held), 0);
	assert_int_equal(pipe(tried), 0);
	if ((pid = fork()) == 0) {
		close(held[1]);
		if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
			_exit(2);
		for (int i = 0; i < 100; i++)
			(void)console_connect(booth.configuration.listen_socket);
		_exit(write(tried[1], "x", 1) != 1 || read(held[0], &status, 1) != 0);
	}
	close(held[0]);
	/* It waits in connect() while nobody accepts. */
	until(booth.loop, has_byte(tried[0]) && console_chat.present(booth.link) == 56);
	root = come(&booth);
	say(&booth, root, "{\"control\":\"drain\"}\n");
	assert_non_null(strstr(heard(root, &open), "Nothing runs"));
	assert_int_equal(console_chat.present(booth.link), 57);
	close(held[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(tried[0]);
	close(tried[1]);
	close(root);
	booth_clear(&booth);
}

/* What it asked for and did not read stayed in our memory, as much as it liked. */
TEST(rx1_a_session_that_asks_and_never_reads_is_closed)
{
	struct booth booth;
	struct target_setting target = { .key = "a-target-with-a-name-of-some-length" };
	struct target_setting *targets = xcalloc(10000, sizeof(*targets));
	static const struct command *const none[] = { NULL };
	bool open = true;
	int fd;

	commands_register(none);
	for (size_t i = 0; i < 10000; i++)
		targets[i] = target;
	booth_make(&booth);
	booth.configuration.targets.item = targets;
	booth.configuration.targets.count = 10000;
	assert_true(booth_open(&booth));
	fd = come(&booth);
	for (int i = 0; i < 100 && console_chat.present(booth.link) > 0; i++)
		say(&booth, fd, "{\"words\":\"all\"}\n");
	assert_int_equal(console_chat.present(booth.link), 0);
	while (open && *heard(fd, &open) != '\0')
		continue;
	close(fd);
	booth_clear(&booth);
	free(targets);
}

TEST(s3_the_key_of_a_command_is_its_askers_own)
{
	struct booth booth;
	int fd;

	booth_make(&booth);
	assert_true(booth_open(&booth));
	fd = come(&booth);
	say(&booth, fd, "{\"say\":\"help\",\"key\":\"deploy-7\"}\n");
	assert_true(string_starts(booth.arrivals.item[0]->key, "console/key/local:"));
	assert_true(string_ends(booth.arrivals.item[0]->key, "/deploy-7"));
	close(fd);
	booth_clear(&booth);
}
