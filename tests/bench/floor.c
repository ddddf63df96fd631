/*
 * floor.c - the least that a bot in C can be: libwebsockets, libcurl, nothing of ours.
 *
 *     bench-floor API_URL AUTHORITY|- [TOOL CHILDREN]
 *
 * It opens one socket, acknowledges each envelope and posts one message into its thread; nothing is parsed,
 * checked, kept or awaited.  With CHILDREN it first runs so many processes of TOOL for each: the last one
 * when the others, side by side, have ended, as a look at a cluster does.  Two threads: one for the socket,
 * one for posts and children.  At most 16 transfers at once, connections kept, as was found fastest.
 */

#include <curl/curl.h>
#include <fcntl.h>
#include <libwebsockets.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define POSTS 16
#define JOBS 4096		/* the generator never has more under way */
#define CHILDREN_MOST 8
#define ID_MOST 40

extern char **environ;

struct job {
	char ts[ID_MOST];
	int left, round;	/* children of this round that run */
};

struct post {
	CURL *easy;
	struct curl_slist *headers;
	char body[512];
	struct job *job;
};

struct child {
	pid_t pid;
	int fd;
	struct job *job;
};

static const char *api, *authority, *tool;
static int children;
static CURLM *multi;
static struct post posts[POSTS];
static struct child running[1024];
static size_t running_count;
static struct job jobs[JOBS], *waiting[JOBS];
static unsigned waiting_first, waiting_last, job_next;

/* from the socket's thread to the other */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct job *handed[JOBS];
static size_t handed_count;

/* acknowledgements that wait to be written */
static char acks[JOBS][ID_MOST];
static unsigned ack_first, ack_last;
static char incoming[1 << 16];
static size_t incoming_length;

/* ---- posts and children ---- */

static size_t
ignore(char *bytes, size_t size, size_t count, void *arg)
{
	(void)bytes;
	(void)arg;
	return size * count;
}

static CURL *
new_easy(const char *method)
{
	CURL *easy = curl_easy_init();
	char url[256];

	snprintf(url, sizeof(url), "%s%s", api, method);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	if (authority != NULL)
		curl_easy_setopt(easy, CURLOPT_CAINFO, authority);
	return easy;
}

static void
prepare_posts(void)
{
	multi = curl_multi_init();
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 32L);
	for (int i = 0; i < POSTS; i++) {
		struct post *post = &posts[i];

		post->easy = new_easy("chat.postMessage");
		post->headers = curl_slist_append(NULL, "Content-Type: application/json; charset=utf-8");
		post->headers = curl_slist_append(post->headers, "Authorization: Bearer xoxb-bench");
		curl_easy_setopt(post->easy, CURLOPT_HTTPHEADER, post->headers);
		curl_easy_setopt(post->easy, CURLOPT_WRITEFUNCTION, ignore);
		curl_easy_setopt(post->easy, CURLOPT_PRIVATE, post);
		curl_easy_setopt(post->easy, CURLOPT_POSTFIELDS, post->body);
	}
}

static void
start_posts(void)
{
	for (int i = 0; i < POSTS && waiting_first != waiting_last; i++) {
		struct post *post = &posts[i];

		if (post->job != NULL)
			continue;
		post->job = waiting[waiting_first++ % JOBS];
		snprintf(post->body, sizeof(post->body),
		    "{\"channel\":\"C0BENCH\",\"thread_ts\":\"%s\",\"text\":\"done\"}", post->job->ts);
		curl_easy_setopt(post->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(post->body));
		curl_multi_add_handle(multi, post->easy);
	}
}

static void
end_posts(void)
{
	CURLMsg *message;
	struct post *post;
	int left;

	while ((message = curl_multi_info_read(multi, &left)) != NULL) {
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&post);
		curl_multi_remove_handle(multi, post->easy);
		post->job = NULL;
	}
	start_posts();
}

static void
spawn(struct job *job)
{
	char *const argv[] = { (char[]){ "kubectl" }, (char[]){ "get" }, (char[]){ "-n" },
		(char[]){ "chatops" }, (char[]){ "-o=json" }, (char[]){ "--" },
		(char[]){ "deployment/chatops-gateway" }, NULL };
	posix_spawn_file_actions_t actions;
	struct child *child = &running[running_count];
	int pipe[2];

	if (pipe2(pipe, O_CLOEXEC) != 0)
		abort();
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipe[1], 1);
	if (posix_spawn(&child->pid, tool, &actions, NULL, argv, environ) != 0)
		abort();
	posix_spawn_file_actions_destroy(&actions);
	close(pipe[1]);
	child->fd = pipe[0];
	child->job = job;
	running_count++;
	job->left++;
}

static void
go_on(struct job *job)
{
	if (children > 0 && job->round == 0)
		for (int i = 0; i < (children > 1 ? children - 1 : 1); i++)
			spawn(job);
	else if (children > 1 && job->round == 1)
		spawn(job);
	else
		waiting[waiting_last++ % JOBS] = job;
	job->round++;
}

static void
read_child(size_t i)
{
	struct child child = running[i];
	char bytes[1 << 16];

	if (read(child.fd, bytes, sizeof(bytes)) > 0)
		return;
	close(child.fd);
	waitpid(child.pid, NULL, 0);
	running[i] = running[--running_count];
	if (--child.job->left == 0)
		go_on(child.job);
}

static void
take_handed(void)
{
	static struct job *mine[JOBS];
	size_t count;

	pthread_mutex_lock(&lock);
	count = handed_count;
	memcpy(mine, handed, count * sizeof(*mine));
	handed_count = 0;
	pthread_mutex_unlock(&lock);
	for (size_t i = 0; i < count; i++)
		go_on(mine[i]);
	start_posts();
}

static void *
run_posts(void *arg)
{
	static struct curl_waitfd watched[1024];
	int active;

	(void)arg;
	for (;;) {
		size_t count = running_count;

		for (size_t i = 0; i < count; i++)
			watched[i] = (struct curl_waitfd){ .fd = running[i].fd, .events = CURL_WAIT_POLLIN };
		curl_multi_poll(multi, watched, (unsigned)count, 1000, NULL);
		for (size_t i = count; i-- > 0;)
			if (watched[i].revents != 0)
				read_child(i);
		take_handed();
		curl_multi_perform(multi, &active);
		end_posts();
		curl_multi_perform(multi, &active);
	}
	return NULL;
}

/* ---- the socket ---- */

static bool
copy_after(const char *name, char *out)
{
	const char *at = strstr(incoming, name);
	size_t length;

	if (at == NULL)
		return false;
	at += strlen(name);
	length = strcspn(at, "\"");
	if (length >= ID_MOST)
		return false;
	memcpy(out, at, length);
	out[length] = '\0';
	return true;
}

static void
take_envelope(struct lws *wsi)
{
	struct job *job = &jobs[job_next % JOBS];

	incoming[incoming_length] = '\0';
	incoming_length = 0;
	if (!copy_after("\"envelope_id\":\"", acks[ack_last % JOBS]))
		return;
	ack_last++;
	lws_callback_on_writable(wsi);
	if (!copy_after("\"ts\":\"", job->ts))
		return;
	job_next++;
	job->left = job->round = 0;
	pthread_mutex_lock(&lock);
	handed[handed_count++] = job;
	pthread_mutex_unlock(&lock);
	curl_multi_wakeup(multi);
}

static int
write_acks(struct lws *wsi)
{
	unsigned char bytes[LWS_PRE + 128];
	int length;

	while (ack_first != ack_last) {
		if (lws_partial_buffered(wsi)) {
			lws_callback_on_writable(wsi);
			break;
		}
		length = snprintf((char *)bytes + LWS_PRE, 128, "{\"envelope_id\":\"%s\"}",
		    acks[ack_first++ % JOBS]);
		if (lws_write(wsi, bytes + LWS_PRE, (size_t)length, LWS_WRITE_TEXT) < 0)
			return -1;
	}
	return 0;
}

static int
on_socket(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_RECEIVE:
		if (incoming_length + length >= sizeof(incoming))
			return -1;
		memcpy(incoming + incoming_length, in, length);
		incoming_length += length;
		if (lws_is_final_fragment(wsi))
			take_envelope(wsi);
		return 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return write_acks(wsi);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
	case LWS_CALLBACK_CLIENT_CLOSED:
		_exit(1);
	default:
		return 0;
	}
}

static const struct lws_protocols protocols[] = {
	{ "slack", on_socket, 0, 16384, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static size_t
keep_answer(char *bytes, size_t size, size_t count, void *arg)
{
	strncat(arg, bytes, size * count);
	return size * count;
}

/* "wss://localhost:4711/link/…", host and port out of it. */
static void
ask_address(char *host, size_t size, int *port, char *path, size_t path_size)
{
	static char answer[4096];
	CURL *easy = new_easy("apps.connections.open");
	const char *at;

	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, (void *)answer);
	if (curl_easy_perform(easy) != CURLE_OK || (at = strstr(answer, "://")) == NULL)
		exit(1);
	curl_easy_cleanup(easy);
	at += 3;
	snprintf(host, size, "%.*s", (int)strcspn(at, ":"), at);
	*port = atoi(strchr(at, ':') + 1);
	at = strchr(at, '/');
	snprintf(path, path_size, "%.*s", (int)strcspn(at, "\""), at);
}

static void
open_socket(void)
{
	char host[64], path[256];
	struct lws_context_creation_info creation = {
		.port = CONTEXT_PORT_NO_LISTEN, .protocols = protocols, .pt_serv_buf_size = 16384,
		.client_ssl_ca_filepath = authority,
		.options = LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS |
		    (authority != NULL ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0),
		.fd_limit_per_thread = 64,
	};
	struct lws_client_connect_info info = { .address = host, .host = host, .path = path,
		.ssl_connection = authority != NULL ? LCCSCF_USE_SSL : 0, .local_protocol_name = "slack" };

	ask_address(host, sizeof(host), &info.port, path, sizeof(path));
	info.context = lws_create_context(&creation);
	if (info.context == NULL || lws_client_connect_via_info(&info) == NULL)
		exit(1);
	while (lws_service(info.context, 0) >= 0)
		;
}

int
main(int argc, char **argv)
{
	pthread_t thread;

	if (argc < 3)
		return 2;
	api = argv[1];
	authority = strcmp(argv[2], "-") == 0 ? NULL : argv[2];
	if (argc > 4) {
		tool = argv[3];
		children = atoi(argv[4]);
	}
	if (children > CHILDREN_MOST)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	lws_set_log_level(0, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	prepare_posts();
	if (pthread_create(&thread, NULL, run_posts, NULL) != 0)
		return 1;
	open_socket();
	return 1;
}
