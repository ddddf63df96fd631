/* slack_resolve.c, slack_socket.c - the stages up to the upgrade, each gone wrong (protocols.md 8.1, 1.5). */

#include "slack_proxy.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <semaphore.h>

/* ---- names: ours come without a service, those of libcurl with one ---- */

static struct {
	pthread_t loop;			/* 0: nobody looks */
	_Atomic int on_the_loop;	/* names that were looked up there */
	bool unknown;			/* our look-ups find nothing */
	sem_t *waits;			/* or wait for it, at most until… */
	struct timespec given_up;
	_Atomic int asked, answered;
} names;

static bool
is_numeric(const char *node)
{
	unsigned char bytes[16];

	return node == NULL || inet_pton(AF_INET, node, bytes) == 1 || inet_pton(AF_INET6, node, bytes) == 1;
}

int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
    struct addrinfo **answer)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (!is_numeric(node) && pthread_equal(pthread_self(), names.loop))
		names.on_the_loop++;
	if (is_numeric(node) || service != NULL)
		return real(node, service, hints, answer);
	names.asked++;
	if (names.waits != NULL)
		sem_timedwait(names.waits, &names.given_up);
	names.answered++;
	return names.unknown ? EAI_NONAME : real(node, service, hints, answer);
}

static void
connecting_start(struct through *t, const char *host, enum proxy_mood mood)
{
	names.loop = pthread_self();
	names.on_the_loop = 0;
	t->proxy.mood = mood;
	through_start(t, host, 0);
}

static void
connecting_end(struct through *t)
{
	assert_int_equal(names.on_the_loop, 0);
	through_end(t);
}

/* What waits for the next try tries, until both sockets stand. */
static void
connecting_recovers(struct through *t)
{
	for (int i = 0; i < 100 && !t->w->ready; i++) {
		advance(t->w, SECONDS(1));
		for (int j = 0; j < 200 && !t->w->ready; j++)
			through_turn(t);
	}
	until_through(t, t->w->ready);
}

TEST(x81q_a_name_that_is_not_resolved_is_a_failure_like_another_and_tried_again)
{
	struct through t = { .proxy = { .port = 0 } };

	names.unknown = true;
	connecting_start(&t, "localhost", PROXY_JOINS);
	until_through(&t, t.w->states > 0);
	assert_false(t.w->ready || t.w->stopped);
	assert_non_null(strstr(t.w->sentence, "could not be resolved"));
	assert_int_equal(t.proxy.connects, 0);
	names.unknown = false;
	connecting_recovers(&t);
	connecting_end(&t);
}

TEST(x81r_a_name_server_that_is_mute_has_ten_seconds_and_the_loop_goes_on)
{
	struct through t = { .proxy = { .port = 0 } };
	sem_t gate;

	sem_init(&gate, 0, 0);
	clock_gettime(CLOCK_REALTIME, &names.given_up);
	names.given_up.tv_sec += 9;
	names.asked = names.answered = 0;
	names.waits = &gate;
	connecting_start(&t, "localhost", PROXY_JOINS);
	until_through(&t, fake_slack_calls(t.w->fake, "apps.connections.open") == 2);
	until_through(&t, names.asked == 2);
	advance(t.w, 9900);
	assert_int_equal(t.w->states, 0);
	advance(t.w, 200);
	assert_int_equal(names.answered, 0);
	assert_int_equal(t.w->states, 1);
	assert_non_null(strstr(t.w->sentence, "was not resolved within 10 s"));
	for (int i = 0; i < 2; i++)
		sem_post(&gate);
	until_through(&t, names.answered == 2);
	names.waits = NULL;
	connecting_recovers(&t);
	connecting_end(&t);
	sem_destroy(&gate);
}

TEST(x81s_a_proxy_that_lets_the_calls_through_but_not_the_sockets_is_named)
{
	static const enum proxy_mood moods[] = { PROXY_REFUSES, PROXY_STUTTERS };

	for (size_t i = 0; i < COUNT(moods); i++) {
		struct through t = { .proxy = { .port = 0 } };

		connecting_start(&t, "127.0.0.1", moods[i]);
		until_through(&t, t.w->states > 0);
		assert_row(i, !t.w->ready && !t.w->stopped);
		assert_row(i, t.proxy.spoilt > 0 && t.proxy.connects == 0);
		assert_row(i, strstr(t.w->sentence, "the proxy 127.0.0.1") != NULL);
		t.proxy.mood = PROXY_JOINS;
		connecting_recovers(&t);
		connecting_end(&t);
	}
}

TEST(x81t_a_peer_that_takes_the_connection_and_says_nothing_has_ten_seconds)
{
	struct through t = { .proxy = { .port = 0 } };

	connecting_start(&t, "127.0.0.1", PROXY_SWALLOWS);
	until_through(&t, t.proxy.spoilt == 2);
	advance(t.w, 9900);
	assert_int_equal(t.w->states, 0);
	advance(t.w, 200);
	until_through(&t, t.w->states > 0);
	assert_non_null(strstr(t.w->sentence, "no connection within 10 s"));
	t.proxy.mood = PROXY_JOINS;
	connecting_recovers(&t);
	connecting_end(&t);
}

/* ---- back-off ---- */

static unsigned
opens(const struct world *w)
{
	return fake_slack_calls(w->fake, "apps.connections.open");
}

/* What waits until 60 s after eight failures is forgotten when a socket has been ready for 10 s. */
static unsigned
opens_after_ready_for(int64_t ms)
{
	struct world_options options = { .more = "  connections: 1\n" };
	struct world *w = world_new(&options);
	unsigned before;

	fake_slack_unlimited(w->fake, true);
	fake_slack_refuse_links(w->fake, 8);
	for (int i = 0; i < 300 && !w->ready; i++)
		advance(w, SECONDS(1));
	until(w, w->ready);
	advance(w, ms);
	before = opens(w);
	fake_slack_trouble(w->fake, FAKE_DROP);
	advance(w, SECONDS(1));
	settle(w);
	before = opens(w) - before;
	world_free(w);
	return before;
}

TEST(l5_ten_seconds_of_ready_end_the_back_off_and_less_do_not)
{
	assert_int_equal(opens_after_ready_for(SECONDS(13)), 1);
	assert_int_equal(opens_after_ready_for(SECONDS(3)), 0);
}

/* The upgrade alone is not readiness (protocols.md 1.2). */
TEST(a_socket_is_ready_at_its_hello_and_not_before)
{
	struct world_options options = { 0 };
	struct world *w = world_new(&options);

	fake_slack_hello_after(w->fake, SECONDS(4));
	until(w, fake_slack_sockets(w->fake) == 2);
	advance(w, SECONDS(3));
	assert_false(w->ready);
	assert_int_equal(fake_slack_links(w->fake), 0);
	advance(w, SECONDS(2));
	until(w, w->ready);
	world_free(w);
}
