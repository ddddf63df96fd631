/* bench_load.c - the Slack of the measurements, as the bots see it that are compared. */

#include "test.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/bench/load.h"

#define SECOND INT64_C(1000000000)

/* A bot in our own thread: it writes, the Slack is served until what it waits for has come. */
struct bot {
	struct load *load;
	int fd;
	struct text heard;
	const char *awaited;
};

static void
bot_connect(struct bot *bot, struct load *load)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	*bot = (struct bot){ .load = load, .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
	text_init(&bot->heard, KILOBYTES(64));
	address.sin_port = htons((in_port_t)atoi(strrchr(load_url(load), ':') + 1));
	assert_int_equal(connect(bot->fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

static void
bot_end(struct bot *bot)
{
	close(bot->fd);
	text_clear(&bot->heard);
}

static bool
has_come(const struct load *load, void *arg)
{
	struct bot *bot = arg;
	char bytes[4096];
	ssize_t length;

	(void)load;
	while ((length = recv(bot->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		text_add_bytes(&bot->heard, bytes, (size_t)length);
	return memmem(bot->heard.data, bot->heard.length, bot->awaited, strlen(bot->awaited)) != NULL;
}

static bool
bot_hears(struct bot *bot, const char *awaited)
{
	bot->awaited = awaited;
	return load_until(bot->load, load_now() + 5 * SECOND, has_come, bot);
}

static void
bot_says(struct bot *bot, const char *bytes, size_t length)
{
	text_reset(&bot->heard);
	assert_int_equal(send(bot->fd, bytes, length, MSG_NOSIGNAL), (ssize_t)length);
}

static void
bot_calls(struct bot *bot, const char *method, const char *body)
{
	_cleanup_(text_clear) struct text request = TEXT_INIT;

	text_printf(&request, "POST /api/%s HTTP/1.1\r\nContent-Length: %zu\r\n\r\n%s", method, strlen(body),
	    body);
	bot_says(bot, request.data, request.length);
}

/* A frame of less than 126 bytes under a mask of zeros. */
static void
bot_acknowledges(struct bot *bot, const char *id)
{
	_cleanup_(text_clear) struct text frame = TEXT_INIT;
	char said[100];
	int length = snprintf(said, sizeof(said), "{\"envelope_id\": \"%s\"}", id);
	const unsigned char head[6] = { 0x81, (unsigned char)(0x80 | length) };

	text_add_bytes(&frame, head, sizeof(head));
	text_add_bytes(&frame, said, (size_t)length);
	bot_says(bot, frame.data, frame.length);
}

static bool
is_done(const struct load *load, void *arg)
{
	(void)arg;
	return load_counts(load).done == 1;
}

TEST(errbot_finds_the_fields_that_it_reads_of_teams_and_channels)
{
	static const struct {
		const char *method, *expected;
	} rows[] = {
		{ "team.info", "\"domain\":\"bench\"" },
		{ "conversations.info", "\"topic\":{\"value\":\"\"},\"purpose\":{\"value\":\"\"}" },
		{ "users.info", "\"team_id\":\"" BENCH_TEAM "\"" },
	};
	struct error err = ERROR_INIT;
	struct load *load = load_new(false, NULL, &err);
	struct bot bot;

	bot_connect(&bot, load);
	for (size_t i = 0; i < COUNT(rows); i++) {
		bot_calls(&bot, rows[i].method, "");
		assert_row(i, bot_hears(&bot, rows[i].expected));
	}
	bot_end(&bot);
	load_free(load);
}

TEST(a_mention_and_a_message_are_exchanges_of_the_same_kind)
{
	static const struct {
		void (*say)(struct load *, const char *words);
		const char *expected;
	} rows[] = {
		{ load_say, "\"type\":\"app_mention\",\"ts\":\"1700000001.000100\"" },
		{ load_say_message, "\"type\":\"message\",\"channel_type\":\"channel\"" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		static const char upgrade[] = "GET /link/ HTTP/1.1\r\nSec-WebSocket-Key: x\r\n\r\n";
		struct error err = ERROR_INIT;
		struct load *load = load_new(false, NULL, &err);
		struct bot bot, posts;

		bot_connect(&bot, load);
		bot_connect(&posts, load);
		bot_says(&bot, upgrade, strlen(upgrade));
		assert_row(i, bot_hears(&bot, "\"type\":\"hello\""));
		rows[i].say(load, "answer");
		assert_row(i, load_send(load));
		assert_row(i, bot_hears(&bot, rows[i].expected));
		assert_row(i, bot_hears(&bot, "\"text\":\"<@" BENCH_BOT "> answer\""));
		bot_acknowledges(&bot, "00000001-0000-4a11-8bad-000000000000");
		bot_calls(&posts, "chat.postMessage", "channel=C0BENCH&text=done&thread_ts=1700000001.000100");
		assert_row(i, load_until(load, load_now() + 5 * SECOND, is_done, NULL));
		bot_end(&bot);
		bot_end(&posts);
		load_free(load);
	}
}

/* Whether one can be had is the machine's business: what is asked is that it is that one, with TLS. */
TEST(at_443_it_is_that_port_with_tls_or_a_sentence)
{
	char folder[] = "/tmp/bench-load-XXXXXX", file[64];
	struct error err = ERROR_INIT;
	struct load *load;

	assert_non_null(mkdtemp(folder));
	load = load_new_at_443(folder, &err);
	if (load != NULL)
		assert_string_equal(load_url(load), "https://localhost:443/api/");
	else
		assert_non_null(strstr(err.text, "port 443"));
	load_free(load);
	snprintf(file, sizeof(file), "%s/authority.pem", folder);
	unlink(file);
	rmdir(folder);
}
