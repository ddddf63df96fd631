/* main.c - the command line; the one file that sees bot, adapters and commands. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "account.h"
#include "adapters/all_settings.h"
#include "adapters/chat/console.h"
#include "adapters/chat/slack_manifest.h"
#include "adapters/chat/slack.h"
#include "adapters/tools/helm.h"
#include "adapters/tools/kubectl.h"
#include "answers.h"
#include "base/log.h"
#include "commands/commands.h"
#include "doctor.h"
#include "embedded.h"
#include "operation.h"
#include "own_bot.h"
#include "playground.h"
#include "say.h"
#include "service.h"
#include "usage.h"
#include "variables.h"
#include "words.h"

/* Where the unit and the packages put them. */
#define INSTALLED "/etc/rollcall/rollcall.yaml"
#define INSTALLED_SOCKET "/run/rollcall/rollcall.sock"
#define INSTALLED_CREDENTIALS "/etc/rollcall/credentials"

struct options {
	const char *config, *socket, *command, *key;
	bool json, start, playground, wait;
	bool own;		/* a console's: own_bot.h */
};

/* ---- registering what there is ---- */

static const struct driver *const drivers[] = {
	&driver_deployment,
	&driver_statefulset,
	&driver_daemonset,
	&driver_helm,
	NULL,
};

static void
register_all(void)
{
	static struct tool tools[3];

	tools[0] = kubectl_tool;
	tools[1] = helm_tool;
	tools_register(tools);
	settings_register_all();
	words_register(kubectl_words);
	words_register(helm_words);
	judges_register(kubectl_judges);
	judges_register(helm_judges);
	drivers_register(drivers);
	commands_register(commands_table);
}

/* ---- configuration ---- */

static void
print_lines(FILE *to, const char *lines)
{
	fputs(lines, to);
	if (lines[0] != '\0' && !string_ends(lines, "\n"))
		fputc('\n', to);
}

static void
mask_line(struct text *line)
{
	_cleanup_(text_clear) struct text masked = TEXT_INIT;

	mask_text(secret_mask(), &masked, line->data, line->length);
	text_reset(line);
	text_add_bytes(line, masked.data, masked.length);
}

/* In a checkout its own; else the installed service's. */
static const char *
usual_configuration(void)
{
	if (access("config/rollcall.yaml", F_OK) != 0 && access(INSTALLED, F_OK) == 0)
		return INSTALLED;
	return "config/rollcall.yaml";
}

static struct configuration *
load(const struct options *options)
{
	_cleanup_(text_clear) struct text problems = TEXT_INIT;
	const char *path = options->config != NULL ? options->config : usual_configuration();
	struct configuration *configuration;

	if (!options->playground && access(path, F_OK) != 0) {
		fprintf(stderr, "There is no configuration %s. %s: rollcall sample >%s\n", path,
		    options->config == NULL ? "Name yours with --config FILE, or make one" : "Make one",
		    options->config == NULL ? "rollcall.yaml" : path);
		return NULL;
	}
	if (options->playground)
		configuration = configuration_load(NULL, embedded_playground, &problems);
	else
		configuration = configuration_load(path, NULL, &problems);
	/* To a console's own bot they are no news: its console has read it just before. */
	if (!options->own || configuration == NULL)
		print_lines(stderr, problems.data);
	if (configuration != NULL)
		log_setup(configuration->log_level, configuration->log_json, STDERR_FILENO);
	return configuration;
}

static bool
is_installed(const struct configuration *configuration)
{
	return string_equal(configuration->path, INSTALLED);
}

/* ---- run ---- */

/* Beside us in a build, in libexec when installed. */
static char *
find_program(const char *name)
{
	char self[4096];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash, *path;

	if (length <= 0)
		return xstrdup(name);
	self[length] = '\0';
	if ((slash = strrchr(self, '/')) != NULL)
		*slash = '\0';
	path = xasprintf("%s/%s", self, name);
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return xasprintf("%s/../libexec/rollcall/%s", self, name);
}

/* Which doors a configuration asks for. */
static bool
wants(const struct configuration *configuration, const struct chat *chat)
{
	if (chat == &slack_chat)
		return settings_secret(configuration->settings, "slack.bot_token") != NULL;
	return configuration->listen_socket != NULL;
}

/* Somebody at a terminal does not take over a chat where others are: that is the service's. */
static bool
wants_console(const struct configuration *configuration, const struct chat *chat)
{
	return chat == &console_chat && wants(configuration, chat);
}

static bool
begin_own(const struct configuration *configuration, struct error *err)
{
	_cleanup_(freep) char *folder = configuration_folder(configuration);

	return account_of_state(configuration, is_installed(configuration), err) && own_bot_log(folder, err);
}

static int
run_service(const struct options *options)
{
	static const struct chat *const chats[] = { &slack_chat, &console_chat, NULL };
	struct service_options service = { .store = &store_sqlite, .chats = chats, .own = options->own,
		.wants = options->own ? wants_console : wants };
	_cleanup_(freep) char *program = find_program("rollcall-exec");
	struct error err = ERROR_INIT;

	variables_take();
	log_mask(mask_line);
	service.configuration = load(options);
	if (service.configuration == NULL)
		return 1;
	if (options->own && !begin_own(service.configuration, &err)) {
		own_bot_say("failed", err.text);
		configuration_free(service.configuration);
		return 1;
	}
	if (!wants(service.configuration, &slack_chat))
		log_info("no slack.bot_token is set: people reach me by the console only");
	service.exec_program = program;
	if (options->playground) {
		console_allow_roles();
		service.asked = playground_asked;
	}
	return service_run(&service);
}

/* ---- the client's side ---- */

static int
run_session(const struct options *options, const char *socket, const char *notice)
{
	struct console_options console = { .socket = socket, .command = options->command, .notice = notice,
		.json = options->json, .start = options->start, .key = options->key };

	return console_run(&console);
}

static int
run_console(const struct options *options, const char *socket)
{
	return run_session(options, socket, NULL);
}

static void
print_own(struct text *out, bool session, bool chat, const struct own_bot *bot)
{
	text_add(out, session
		? "No rollcall was running: this console is the bot until you leave. What runs then goes on to its "
		  "end; what is asked waits for the next bot."
		: "No rollcall was running: this command is the bot until it and what it began have ended.");
	if (chat)
		text_add(out, " Slack is not connected; rollcall run does that.");
	if (bot->said.length > 0)
		text_printf(out, "\nTaken up again: %s", bot->said.data);
}

/* With none running, it is the bot itself. */
static int
run_console_as_bot(const struct options *options, const struct configuration *configuration)
{
	_cleanup_(freep) char *rollcall = find_program("rollcall");
	const char *socket = configuration->listen_socket;
	_cleanup_(text_clear) struct text notice = TEXT_INIT;
	struct own_bot bot;
	struct error err = ERROR_INIT;
	int exit = 1;

	if (socket_answers(socket))
		return run_console(options, socket);
	switch (own_bot_begin(&bot, rollcall, configuration->path, socket, &err)) {
	case OWN_BOT_STANDS:
		print_own(&notice, options->command == NULL, wants(configuration, &slack_chat), &bot);
		exit = run_session(options, socket, notice.data);
		break;
	case OWN_BOT_JOINED:
		exit = run_console(options, socket);
		break;
	case OWN_BOT_NOT:
		fprintf(stderr, "No rollcall answers on %s, and none can be started here: %s\n", socket, err.text);
		break;
	}
	own_bot_leave(&bot);
	return exit;
}

static int
run_drain(const struct options *options, const char *socket)
{
	return control_run(socket, "drain", NULL, options->wait);
}

static int
run_reload(const struct options *options, const char *socket)
{
	(void)options;
	return control_run(socket, "reload", NULL, false);
}

/* The bot writes it, perhaps from another folder. */
static int
run_backup(const struct options *options, const char *socket)
{
	_cleanup_(freep) char *here = options->command[0] != '/' ? getcwd(NULL, 0) : NULL;
	_cleanup_(freep) char *path = here != NULL ? xasprintf("%s/%s", here, options->command)
						   : xstrdup(options->command);

	return control_run(socket, "backup", path, false);
}

/* The installed service's users need not be able to read its configuration, which names its secrets. */
static const char *
known_socket(const struct options *options)
{
	if (options->socket != NULL)
		return options->socket;
	if (options->config == NULL && string_equal(usual_configuration(), INSTALLED) &&
	    access(INSTALLED_SOCKET, F_OK) == 0)
		return INSTALLED_SOCKET;
	return NULL;
}

/* What talks to the running bot: its socket is given, or the configuration's. */
static int
run_client(const struct options *options, int (*run)(const struct options *, const char *socket))
{
	struct configuration *configuration;
	int exit = 1;

	if (known_socket(options) != NULL)
		return run(options, known_socket(options));
	configuration = load(options);
	if (configuration == NULL)
		return 1;
	if (configuration->listen_socket != NULL)
		exit = run(options, configuration->listen_socket);
	else
		fprintf(stderr, "The configuration names no socket: set listen.socket\n");
	configuration_free(configuration);
	return exit;
}

/* The same, where the file may be wrong: whoever runs judges it. */
static int
run_beside(const struct options *options, int (*run)(const struct options *, const char *socket))
{
	_cleanup_(text_clear) struct text problems = TEXT_INIT;
	_cleanup_(freep) char *socket = NULL;

	if (known_socket(options) != NULL)
		return run(options, known_socket(options));
	socket = configuration_socket(options->config != NULL ? options->config : usual_configuration(), &problems);
	if (socket != NULL)
		return run(options, socket);
	print_lines(stderr, problems.data);
	fprintf(stderr, "Where rollcall listens is not known; say it: --config FILE, or --socket PATH\n");
	return 1;
}

static int
run_playground(const struct options *options)
{
	_cleanup_(freep) char *rollcall = find_program("rollcall");
	_cleanup_(freep) char *cluster = find_program("rollcall-cluster");
	static const char *const simulated[] = { "kubectl", "helm", NULL };
	struct console_options console = { .greeting = playground_greeting, .own_bot = true };
	struct playground playground;
	struct error err = ERROR_INIT;
	int exit = 1;

	(void)options;
	if (playground_begin(&playground, rollcall, cluster, simulated, &err)) {
		console.socket = playground.socket;
		exit = console_run(&console);
	} else {
		fprintf(stderr, "%s\n", err.text);
	}
	playground_end(&playground);
	return exit;
}

static int
run_check(const struct options *options)
{
	struct configuration *configuration = load(options);

	if (configuration == NULL)
		return 1;
	printf("%s: good. Targets: %zu, roles: %zu, rules: %zu\n",
	    configuration->path != NULL ? configuration->path : "embedded",
	    configuration->targets.count, configuration->roles.count, configuration->rules.count);
	for (size_t i = 0; i < configuration->clusters.count; i++)
		if (configuration->clusters.item[i].exec_plugin != NULL)
			printf("cluster %s may run %s, SHA-256 %s\n", configuration->clusters.item[i].name,
			    configuration->clusters.item[i].exec_plugin->path,
			    configuration->clusters.item[i].exec_plugin->digest);
	configuration_free(configuration);
	return 0;
}

static int
verify_audit(const struct options *options)
{
	struct configuration *configuration = load(options);
	struct error err = ERROR_INIT;
	int64_t records = 0;
	void *db;
	bool good, more = true;

	if (configuration == NULL)
		return 1;
	if (access(configuration->state, F_OK) != 0) {
		fprintf(stderr, "There is no record yet: nothing is at %s\n", configuration->state);
		configuration_free(configuration);
		return 1;
	}
	db = account_of_file(configuration->state, &err) ? store_sqlite.open(configuration->state, &err) : NULL;
	good = db != NULL;
	while (good && more)
		good = store_sqlite.audit_verify(db, &records, &more, &err);
	if (good)
		printf("The record is whole: %lld entries, each carries the digest of the one before\n",
		    (long long)records);
	else
		fprintf(stderr, "%s\n", err.text);
	if (db != NULL)
		store_sqlite.close(db);
	configuration_free(configuration);
	return good ? 0 : 1;
}

static int
run_doctor(const struct options *options)
{
	const struct chat *chats[2] = { NULL };
	_cleanup_(freep) char *program = find_program("rollcall-exec");
	struct configuration *configuration;
	struct error err = ERROR_INIT;
	int exit = 1;

	variables_take();
	log_mask(mask_line);
	configuration = load(options);
	if (configuration == NULL)
		return 1;
	if (settings_secret(configuration->settings, "slack.app_token") != NULL || wants(configuration, &slack_chat))
		chats[0] = &slack_chat;
	if (account_of_state(configuration, is_installed(configuration), &err))
		exit = doctor_run(configuration, chats, program);
	else
		fprintf(stderr, "%s\n", err.text);
	configuration_free(configuration);
	return exit;
}

/* ---- the command line ---- */

static int
print(void (*what)(struct text *), FILE *to)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	what(&out);
	return fputs(out.data, to) == EOF;
}

static int
run_completion(const struct options *options)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	struct error err = ERROR_INIT;

	if (!usage_completion(&out, options->command, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 2;
	}
	return fputs(out.data, stdout) == EOF;
}

static bool _printf_(1, 2)
not_understood(const char *format, ...)
{
	_cleanup_(text_clear) struct text line = TEXT_INIT;
	va_list ap;

	va_start(ap, format);
	text_vprintf(&line, format, ap);
	va_end(ap);
	fprintf(stderr, "%s. All that there is: rollcall --help\n", line.data);
	return false;
}

static bool
read_options(struct options *options, int argc, char **argv, const char **words, size_t most)
{
	size_t count = 0;

	for (int i = 1; i < argc; i++) {
		if (string_equal(argv[i], "--config") && i + 1 < argc)
			options->config = argv[++i];
		else if (string_equal(argv[i], "--socket") && i + 1 < argc)
			options->socket = argv[++i];
		else if (string_equal(argv[i], "--json"))
			options->json = true;
		else if (string_equal(argv[i], "--start"))
			options->start = true;
		else if (string_equal(argv[i], "--wait"))
			options->wait = true;
		else if (string_equal(argv[i], "--playground"))
			options->playground = true;
		else if (string_equal(argv[i], "--own"))
			options->own = true;
		else if (string_equal(argv[i], "--key") && i + 1 < argc)
			options->key = argv[++i];
		else if (string_starts(argv[i], "--key="))
			options->key = argv[i] + strlen("--key=");
		else if (argv[i][0] == '-')
			return not_understood("There is no option %s, or it lacks its value", argv[i]);
		else if (count == most)
			return not_understood("“%s” is one word too many; a command is quoted: "
					      "rollcall do 'rollback gateway to 5'", argv[i]);
		else
			words[count++] = argv[i];
	}
	return count > 0 || not_understood("Nothing is asked for");
}

static int
run_manifest(const struct options *options)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	(void)options;
	slack_manifest_print(&out, commands_table);
	return fputs(out.data, stdout) == EOF;
}

static int
run_help(const struct options *options)
{
	const char *command = options->command;
	struct configuration empty = { 0 };
	_cleanup_(text_clear) struct text help = TEXT_INIT;
	struct arena *arena;

	if (command != NULL && command_find(command) == NULL) {
		fprintf(stderr, "There is no command %s. All of them: rollcall help\n", command);
		return 2;
	}
	arena = arena_new();
	answers_help(&help, &empty, command, false);
	puts(say_plain(arena, help.data));
	arena_free(arena);
	return 0;
}

static int
run_audit(const struct options *options)
{
	if (string_equal(options->command, "verify"))
		return verify_audit(options);
	not_understood("audit needs the word verify");
	return 2;
}

static int
run_sample(const struct options *options)
{
	(void)options;
	return fputs(embedded_sample, stdout) == EOF;
}

static int
run_manual(const struct options *options)
{
	(void)options;
	return print(usage_manual, stdout);
}

static int
run_version(const struct options *options)
{
	(void)options;
	return puts("rollcall " ROLLCALL_VERSION) == EOF;
}

/* ---- verbs that talk to the running bot ---- */

/* Whose configuration we may not read, his bot we are not. */
static int
ask_console(const struct options *options)
{
	const char *path = options->config != NULL ? options->config : usual_configuration();
	const char *known = known_socket(options);
	struct configuration *configuration;
	int exit = 1;

	if (known != NULL && (options->socket != NULL || socket_answers(known) || access(path, R_OK) != 0))
		return run_console(options, known);
	configuration = load(options);
	if (configuration == NULL)
		return 1;
	if (configuration->listen_socket != NULL)
		exit = run_console_as_bot(options, configuration);
	else
		fprintf(stderr, "The configuration names no socket: set listen.socket\n");
	configuration_free(configuration);
	return exit;
}

static int
ask_unlock(const struct options *options)
{
	struct options unlock = *options;

	unlock.command = "ops unlock";
	return run_client(&unlock, run_console);
}

static int
ask_drain(const struct options *options)
{
	return run_client(options, run_drain);
}

static int
ask_reload(const struct options *options)
{
	return run_beside(options, run_reload);
}

static int
ask_backup(const struct options *options)
{
	return run_beside(options, run_backup);
}

/* usage.c says what each is for. */
static const struct {
	const char *verb;
	int (*run)(const struct options *);
	const char *missing;		/* what is said without a second word; NULL: it needs none */
} runs[] = {
	{ "run", run_service, NULL },
	{ "playground", run_playground, NULL },
	{ "console", ask_console, NULL },
	{ "do", ask_console, "Do what? A command is quoted: rollcall do 'rollback gateway to 5'" },
	{ "reload", ask_reload, NULL },
	{ "backup", ask_backup, "backup needs the name of a new file" },
	{ "drain", ask_drain, NULL },
	{ "unlock", ask_unlock, NULL },
	{ "check", run_check, NULL },
	{ "doctor", run_doctor, NULL },
	{ "sample", run_sample, NULL },
	{ "manifest", run_manifest, NULL },
	{ "audit", run_audit, "audit needs the word verify" },
	{ "help", run_help, NULL },
	{ "manual", run_manual, NULL },
	{ "completion", run_completion, NULL },
	{ "version", run_version, NULL },
};

int
main(int argc, char **argv)
{
	struct options options = { 0 };
	const char *words[3] = { NULL };

	setenv("TZ", "UTC", 1);
	tzset();
	/* The unit is given copies of them; at a shell root reads the files themselves. */
	setenv("CREDENTIALS_DIRECTORY", INSTALLED_CREDENTIALS, 0);
	for (int i = 1; i < argc; i++)
		if (string_equal(argv[i], "--help") || string_equal(argv[i], "-h"))
			return print(usage_print, stdout);
	if (argc == 2 && string_equal(argv[1], "--version"))
		return run_version(&options);
	if (argc == 1) {
		print(usage_print, stderr);
		return 2;
	}
	if (!read_options(&options, argc, argv, words, 2))
		return 2;
	register_all();
	options.command = words[1];
	for (size_t v = 0; v < COUNT(runs); v++) {
		if (!string_equal(words[0], runs[v].verb))
			continue;
		if ((words[1] != NULL && *words[1] != '\0') || runs[v].missing == NULL)
			return runs[v].run(&options);
		not_understood("%s", runs[v].missing);
		return 2;
	}
	not_understood("There is no “%s”", words[0]);
	return 2;
}
