/* fake_slack_page.c - the web page of the fake Slack: what it is given, what it may do, and who may
 * not. */

#include "test.h"
#include "slack_client.h"

static struct world w;

static struct reply
page_get(const char *path, const char *host)
{
	struct text request = TEXT_INIT;
	struct reply reply;
	int fd = client_connect(&w);

	text_printf(&request, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, host);
	client_send(&w, fd, request.data, request.length);
	reply = reply_read(&w, fd, 10000);
	text_clear(&request);
	close(fd);
	world_settle(&w);
	return reply;
}

static cJSON *
page_json(const char *who, const char *where)
{
	char *path = xasprintf("/page.json?as=%s&in=%s&since=-1", who, where);
	struct reply reply = page_get(path, "127.0.0.1:1");
	cJSON *json = reply.json;

	assert_non_null(json);
	reply.json = NULL;
	reply_clear(&reply);
	free(path);
	return json;
}

/* The error of an act, "" when it was done; the caller frees. */
static char *
page_act(const char *body)
{
	struct reply reply = post(&w, "/page/act", NULL, "application/json", body);
	char *error = xstrdup(json_string_or(reply.json, "error", ""));

	assert_int_equal(json_bool(reply.json, "ok", false), *error == '\0');
	reply_clear(&reply);
	return error;
}

#define assert_act(body, expected)                                                                 \
	do {                                                                                       \
		char *error_ = page_act(body);                                                     \
		assert_string_equal(error_, expected);                                             \
		free(error_);                                                                      \
	} while (0)

TEST(the_page_parses_no_html_and_asks_nobody_else)
{
	struct reply reply;

	world_start(&w);
	reply = page_get("/", "localhost:8080");
	assert_int_equal(reply.status, 200);
	assert_non_null(strstr(reply.headers, "content-security-policy: default-src 'none'"));
	assert_non_null(strstr(reply.body, "textContent"));
	assert_null(strstr(reply.body, "innerHTML"));
	assert_null(strstr(reply.body, "src=\"http"));
	reply_clear(&reply);
	world_end(&w);
}

TEST(foreign_names_get_nothing)
{
	static const char *const hosts[] = {"evil.example", "127.0.0.1.evil.example", "localhosts"};

	world_start(&w);
	for (size_t i = 0; i < COUNT(hosts); i++) {
		struct reply reply = page_get("/page.json", hosts[i]);

		assert_row(i, reply.status == 403);
		reply_clear(&reply);
	}
	world_end(&w);
}

TEST(an_act_that_a_foreign_form_could_send_is_refused)
{
	struct reply reply;

	world_start(&w);
	reply = post(&w, "/page/act", NULL, "text/plain",
	    "{\"do\":\"say\",\"as\":\"U0ANN\",\"channel\":\"C0INCIDENTS\",\"text\":\"x\"}");
	assert_false(json_bool(reply.json, "ok", true));
	assert_null(fake_slack_last_message(w.fs, "#incidents"));
	reply_clear(&reply);
	world_end(&w);
}

TEST(people_speak_and_see_what_is_theirs)
{
	cJSON *page;

	world_start(&w);
	assert_act(
	    "{\"do\":\"say\",\"as\":\"U0ANN\",\"channel\":\"C0INCIDENTS\",\"text\":\"hi @bob\"}",
	    "");
	assert_api(&w, "chat.postEphemeral",
	    "{\"channel\":\"C0INCIDENTS\",\"user\":\"U0ANN\",\"text\":\"psst\"}", "");
	page = page_json("U0ANN", "C0INCIDENTS");
	assert_int_equal(cJSON_GetArraySize(json_at(page, "messages")), 2);
	cJSON_Delete(page);
	page = page_json("U0BOB", "C0INCIDENTS");
	assert_int_equal(cJSON_GetArraySize(json_at(page, "messages")), 1);
	cJSON_Delete(page);
	page = page_json("U0STRANGER", "C0INCIDENTS");
	assert_int_equal(cJSON_GetArraySize(json_at(page, "messages")), 0);
	cJSON_Delete(page);
	world_end(&w);
}

TEST(an_unchanged_page_is_only_a_number)
{
	struct reply reply;
	cJSON *page;
	char *path;

	world_start(&w);
	page = page_json("U0ANN", "C0INCIDENTS");
	path = xasprintf("/page.json?as=U0ANN&in=C0INCIDENTS&since=%d",
	    (int)json_integer(page, "serial", 0));
	reply = page_get(path, "127.0.0.1");
	assert_null(json_at(reply.json, "messages"));
	assert_int_equal(json_integer(reply.json, "serial", 0), json_integer(page, "serial", -1));
	reply_clear(&reply);
	cJSON_Delete(page);
	free(path);
	world_end(&w);
}

TEST(a_card_comes_as_spans_and_labels)
{
	cJSON *page, *blocks;
	const cJSON *elements;

	world_start(&w);
	free(api_post(&w,
	    "{\"channel\":\"C0INCIDENTS\",\"text\":\"x\",\"blocks\":["
	    "{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"*b* <@U0BOB> "
	    "&lt;b&gt;x&lt;/b&gt;\"}},"
	    "{\"type\":\"context\",\"elements\":[{\"type\":\"plain_text\",\"text\":\"*c*\"}]},"
	    "{\"type\":\"actions\",\"elements\":["
	    "{\"type\":\"button\",\"text\":{\"type\":\"plain_text\",\"text\":\"Go\"},\"style\":"
	    "\"danger\",\"action_id\":\"go\"},"
	    "{\"type\":\"overflow\",\"action_id\":\"more\",\"options\":[{\"text\":{\"type\":\"plain_text\",\"text\":"
	    "\"Why\"},"
	    "\"value\":\"w\"}]}]}]}"));
	page = page_json("U0ANN", "C0INCIDENTS");
	blocks = cJSON_GetObjectItem(cJSON_GetArrayItem(json_at(page, "messages"), 0), "blocks");
	assert_true(json_bool(
	    cJSON_GetArrayItem(json_at(cJSON_GetArrayItem(blocks, 0), "spans"), 0), "bold", false));
	assert_string_equal(json_string(cJSON_GetArrayItem(
	    json_at(cJSON_GetArrayItem(blocks, 0), "spans"), 2), "text"), "@bob");
	assert_string_equal(json_string(cJSON_GetArrayItem(cJSON_GetArrayItem(
	    json_at(cJSON_GetArrayItem(blocks, 1), "items"), 0), 0), "text"), "*c*");
	elements = json_at(cJSON_GetArrayItem(blocks, 2), "elements");
	assert_string_equal(json_string(cJSON_GetArrayItem(elements, 0), "label"), "Go");
	assert_string_equal(json_string(cJSON_GetArrayItem(elements, 0), "style"), "danger");
	assert_string_equal(
	    cJSON_GetArrayItem(json_at(cJSON_GetArrayItem(elements, 1), "options"), 0)->valuestring,
	    "Why");
	cJSON_Delete(page);
	world_end(&w);
}

TEST(buttons_click_for_real)
{
	struct socket socket;
	cJSON *envelope;
	char *ts, *body;

	world_start(&w);
	socket_start(&w, &socket);
	ts = api_post(&w,
	    "{\"channel\":\"C0ADMINS\",\"text\":\"x\",\"blocks\":[{\"type\":\"actions\","
	    "\"elements\":[{\"type\":\"button\",\"value\":\"v\",\"text\":"
	    "{\"type\":\"plain_text\",\"text\":\"Go\"}}]}]}");
	cJSON_Delete(socket_next(&w, &socket));
	body =
	    xasprintf("{\"do\":\"press\",\"as\":\"U0BOB\",\"channel\":\"C0ADMINS\",\"ts\":\"%s\","
		      "\"label\":\"Go\"}",
		ts);
	assert_act(body, "");
	envelope = socket_next(&w, &socket);
	assert_string_equal(json_string(envelope, "payload.type"), "block_actions");
	assert_string_equal(json_string(envelope, "payload.user.id"), "U0BOB");
	cJSON_Delete(envelope);
	free(body);
	free(ts);
	socket_end(&w, &socket);
	world_end(&w);
}

TEST(dialogs_are_shown_filled_in_sent_and_closed)
{
	struct socket socket;
	cJSON *envelope, *page;
	char *body;

	world_start(&w);
	socket_start(&w, &socket);
	assert_act(
	    "{\"do\":\"say\",\"as\":\"U0ANN\",\"channel\":\"C0INCIDENTS\",\"text\":\"/why\"}", "");
	envelope = socket_next(&w, &socket);
	body = xasprintf("{\"trigger_id\":\"%s\",\"view\":{\"type\":\"modal\",\"title\":"
	    "{\"type\":\"plain_text\",\"text\":\"Why\"},\"submit\":{\"type\":\"plain_text\","
	    "\"text\":\"Send\"},\"blocks\":[{\"type\":\"input\",\"block_id\":\"r\",\"label\":"
	    "{\"type\":\"plain_text\",\"text\":\"Reason\"},\"element\":"
	    "{\"type\":\"plain_text_input\",\"action_id\":\"t\"}}]}}",
	    json_string(envelope, "payload.trigger_id"));
	socket_ack(&w, &socket, envelope, NULL);
	cJSON_Delete(envelope);
	assert_api(&w, "views.open", body, "");
	page = page_json("U0ANN", "C0INCIDENTS");
	assert_string_equal(json_string(page, "view.title"), "Why");
	assert_string_equal(
	    json_string(cJSON_GetArrayItem(json_at(page, "view.blocks"), 0), "label"), "Reason");
	cJSON_Delete(page);
	assert_act("{\"do\":\"submit\",\"as\":\"U0ANN\",\"values\":[\"Reason\",\"5xx\"]}", "");
	envelope = socket_next(&w, &socket);
	assert_string_equal(json_string(envelope, "payload.view.state.values.r.t.value"), "5xx");
	socket_ack(&w, &socket, envelope,
	    "{\"response_action\":\"errors\",\"errors\":{\"r\":\"Too short\"}}");
	page = page_json("U0ANN", "C0INCIDENTS");
	assert_string_equal(
	    json_string(cJSON_GetArrayItem(json_at(page, "view.blocks"), 0), "wrong"), "Too short");
	cJSON_Delete(page);
	assert_act("{\"do\":\"close\",\"as\":\"U0ANN\"}", "");
	assert_null(fake_slack_view(w.fs, "@ann"));
	cJSON_Delete(envelope);
	free(body);
	socket_end(&w, &socket);
	world_end(&w);
}

TEST(what_cannot_be_done_is_said_in_a_sentence)
{
	static const struct {
		const char *body, *error;
	} rows[] = {
	    {"{\"do\":\"fly\"}", "nobody can \"fly\" here"},
	    {"{\"do\":\"say\",\"as\":\"U0ANN\",\"channel\":\"C0INCIDENTS\",\"thread\":\"1.000001\","
	     "\"text\":\"/help\"}",
		"Slack runs no slash commands in a thread; mention the bot instead."},
	    {"{\"do\":\"press\",\"as\":\"U0ANN\",\"channel\":\"C0INCIDENTS\",\"ts\":\"1.000001\"}",
		"That message is not there any more."},
	    {"{\"do\":\"submit\",\"as\":\"U0ANN\",\"values\":[]}", "ann has no dialog open"},
	    {"{\"do\":\"trouble\",\"kind\":\"rain\"}", "there is no trouble \"rain\""},
	    {"{\"do\":\"fault\",\"kind\":\"rain\"}", "there is no fault \"rain\""},
	};

	world_start(&w);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *error = page_act(rows[i].body);

		assert_row(i, string_equal(error, rows[i].error));
		free(error);
	}
	world_end(&w);
}

TEST(a_difference_in_a_frame_is_drawn)
{
	static const char body[] = "{\"channel\":\"C0INCIDENTS\",\"text\":\"x\",\"blocks\":[{"
	    "\"type\":\"rich_text\",\"elements\":["
	    "{\"type\":\"rich_text_section\",\"elements\":[{\"type\":\"text\",\"text\":\"gone: \"},"
	    "{\"type\":\"text\",\"text\":\"a\",\"style\":{\"bold\":true}}]},"
	    "{\"type\":\"rich_text_preformatted\",\"elements\":[{\"type\":\"text\",\"text\":\"- image: 4\"},"
	    "{\"type\":\"text\",\"text\":\"\\n+ image: 3\"}]}]}]}";
	const cJSON *spans;
	cJSON *page;

	world_start(&w);
	free(api_post(&w, body));
	page = page_json("U0ANN", "C0INCIDENTS");
	spans = json_at(page, "messages.0.blocks.0.spans");
	assert_int_equal(cJSON_GetArraySize(spans), 3);
	assert_string_equal(json_string(spans, "0.text"), "gone: ");
	assert_true(json_bool(spans, "1.bold", false));
	assert_string_equal(json_string(spans, "2.text"), "- image: 4\n+ image: 3");
	assert_true(json_bool(spans, "2.pre", false));
	cJSON_Delete(page);
	world_end(&w);
}

TEST(bad_days_can_be_asked_for)
{
	struct socket socket;

	world_start(&w);
	socket_start(&w, &socket);
	assert_act("{\"do\":\"trouble\",\"kind\":\"drop\"}", "");
	assert_null(socket_next(&w, &socket));
	assert_int_equal(socket.end, -2);
	assert_act("{\"do\":\"fault\",\"method\":\"auth.test\",\"kind\":\"error\"}", "");
	assert_api(&w, "auth.test", "", "internal_error");
	socket_end(&w, &socket);
	world_end(&w);
}
