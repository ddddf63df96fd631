/* console_hear.c - what is said at the local socket: words, presses, the administrator's verbs. */

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "console_door.h"

static bool roles_allowed;

void
console_allow_roles(void)
{
	roles_allowed = true;
}

static struct arrival *
new_arrival(struct client *client, const char *as)
{
	struct arena *arena = arena_new();
	struct arrival *a = arena_new_of(arena, struct arrival);
	struct console *console = client->console;

	a->arena = arena;
	a->team = "";
	a->person = as != NULL && roles_allowed ? arena_printf(arena, "local:%s", as)
						: arena_strdup(arena, client->person);
	a->person_name = a->person + strlen("local:");
	a->channel = arena_strdup(arena, client->channel);
	a->stamp = a->received = loop_wall(console->host->loop);
	a->chat = &console_chat;
	a->reply = client;
	a->key = arena_printf(arena, "%s/%lld", client->channel, (long long)++console->messages);
	a->text = "";
	return a;
}

/* ---- what can be typed ---- */

static cJSON *
print_commands(void)
{
	cJSON *all = cJSON_CreateObject();

	for (const struct command *const *c = commands_all(); *c != NULL; c++) {
		cJSON *words = json_add_array(all, (*c)->name);

		for (const struct subcommand *s = (*c)->subcommands; s != NULL && s->name != NULL; s++)
			cJSON_AddItemToArray(words, cJSON_CreateString(s->name));
	}
	return all;
}

static void
send_vocabulary(struct client *client)
{
	const struct configuration *configuration = client->console->host->configuration;
	_cleanup_(json_freep) cJSON *json = cJSON_CreateObject();
	_cleanup_(text_clear) struct text line = TEXT_INIT_LIMIT(MEGABYTES(2));
	cJSON *list;

	json_add_string(json, "kind", "words");
	cJSON_AddItemToObject(json, "commands", print_commands());
	list = json_add_array(json, "targets");
	for (size_t i = 0; i < configuration->targets.count; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(configuration->targets.item[i].key));
	list = json_add_array(json, "places");
	for (size_t i = 0; i < configuration->environments.count; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(configuration->environments.item[i].name));
	for (size_t i = 0; i < configuration->clusters.count; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(configuration->clusters.item[i].name));
	json_print(&line, json);
	text_add_char(&line, '\n');
	client_send(client, &line);
}

/* ---- what the machine's administrator says ---- */

struct controlled {			/* who waits for the answer; the client may have left by then */
	struct console *console;
	char *channel;
};

static void
on_controlled(void *arg, enum error_kind why, const char *text)
{
	struct controlled *controlled = arg;
	struct client *client = console_client_of(controlled->console, controlled->channel);
	_cleanup_(text_clear) struct text line = TEXT_INIT;
	_cleanup_(json_freep) cJSON *json = cJSON_CreateObject();

	json_add_string(json, "kind", "control");
	json_add_bool(json, "done", why == ERROR_NONE);
	json_add_string(json, "why", why != ERROR_NONE ? error_kind_name(why) : NULL);
	json_add_string(json, "text", text);
	json_print(&line, json);
	text_add_char(&line, '\n');
	if (client != NULL)
		client_send(client, &line);
	free(controlled->channel);
	free(controlled);
}

/* Root and our own account are nobody in chat (CS1); this is all that they may do by themselves. */
static void
hear_control(struct client *client, const char *verb, const char *argument)
{
	const struct chat_host *host = client->console->host;
	struct controlled *controlled = xcalloc(1, sizeof(*controlled));
	struct error err = ERROR_INIT;

	controlled->console = client->console;
	controlled->channel = xstrdup(client->channel);
	if (client_is_operator(client)) {
		host->control(host->bot, verb, argument, client->person, on_controlled, controlled);
		return;
	}
	refuse(&err, "Only root and the account that rollcall runs as may %s it", verb);
	on_controlled(controlled, err.kind, err.text);
}

void
console_hear(struct client *client, const char *line, size_t length)
{
	struct error err = ERROR_INIT;
	_cleanup_(json_freep) cJSON *json = json_parse(line, length, &err);
	const char *say = json_string(json, "say"), *press = json_string(json, "press");
	struct arrival *arrival;

	if (json_string(json, "words") != NULL) {
		send_vocabulary(client);
		return;
	}
	if (json_string(json, "again") != NULL) {
		client_come_back(client, json_string(json, "again"));
		return;
	}
	if (json_string(json, "control") != NULL) {
		hear_control(client, json_string(json, "control"), json_string(json, "argument"));
		return;
	}
	if (say == NULL && press == NULL) {
		client->console->host->count(client->console->host->bot, "dropped.console");
		return;
	}
	arrival = new_arrival(client, json_string(json, "as"));
	if (json_string(json, "key") != NULL)
		arrival->key = arena_printf(arrival->arena, "console/key/%s/%s", arrival->person, json_string(json, "key"));
	arrival->door = press != NULL ? DOOR_BUTTON : DOOR_CONSOLE;
	arrival->text = arena_strdup(arrival->arena, say != NULL ? say : "");
	arrival->action = arena_strdup(arrival->arena, press);
	arrival->argument = arena_strdup(arrival->arena, json_string(json, "argument"));
	client->console->host->arrived(client->console->host->bot, arrival);
}
