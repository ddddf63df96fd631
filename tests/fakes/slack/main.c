/* main.c - rollcall-slack: the fake Slack as a program of its own. */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_slack.h"

static const char usage[] =
    "usage: rollcall-slack [--port N] [--tls CERTIFICATE KEY] [--state FILE] [--unlimited]\n"
    "\n"
    "A Slack of our own on 127.0.0.1, to try rollcall and its configuration with.\n"
    "  --port N                  listen there instead of on any free port\n"
    "  --tls CERTIFICATE KEY     serve https and wss with these PEM files\n"
    "  --state FILE              people, channels and messages: read at the start, if the file is\n"
    "                            there, and written at the end\n"
    "  --unlimited               no rate limits\n";

static void
main_stop(uv_signal_t *signal, int number)
{
	(void)number;
	uv_stop(signal->loop);
}

static void
main_tell(const struct fake_slack *fs)
{
	printf("the page for people    %s\n", fake_slack_page_url(fs));
	printf("the address for bots   %s\n", fake_slack_url(fs));
	printf("bot token              %s\n", fake_slack_bot_token(fs));
	printf("app-level token        %s\n", fake_slack_app_token(fs));
	fflush(stdout);
}

static bool
main_options(int argc, char **argv, struct fake_slack_options *options)
{
	static const struct option longs[] = {
		{ "port", required_argument, NULL, 'p' }, { "tls", required_argument, NULL, 't' },
		{ "state", required_argument, NULL, 's' }, { "unlimited", no_argument, NULL, 'u' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int64_t port;
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'p' && string_number(optarg, 0, 65535, &port)) {
			options->port = (int)port;
		} else if (c == 't' && optind < argc) {
			options->certificate = optarg;
			options->key = argv[optind++];
		} else if (c == 's') {
			options->state = optarg;
		} else if (c == 'u') {
			options->unlimited = true;
		} else {
			return false;
		}
	}
	return optind == argc;
}

int
main(int argc, char **argv)
{
	struct fake_slack_options options = { 0 };
	struct error err = ERROR_INIT;
	struct fake_slack *fs;
	uv_signal_t signals[2];
	uv_loop_t loop;
	int status = 0;

	if (!main_options(argc, argv, &options)) {
		fputs(usage, stderr);
		return 2;
	}
	uv_loop_init(&loop);
	if ((fs = fake_slack_new(&loop, &options, &err)) == NULL) {
		fprintf(stderr, "rollcall-slack: %s\n", err.text);
		uv_run(&loop, UV_RUN_DEFAULT);
		uv_loop_close(&loop);
		return 1;
	}
	for (int i = 0; i < 2; i++) {
		uv_signal_init(&loop, &signals[i]);
		uv_signal_start(&signals[i], main_stop, i == 0 ? SIGINT : SIGTERM);
	}
	main_tell(fs);
	uv_run(&loop, UV_RUN_DEFAULT);
	if (options.state != NULL && !fake_slack_save(fs, options.state, &err)) {
		fprintf(stderr, "rollcall-slack: %s\n", err.text);
		status = 1;
	}
	fake_slack_free(fs);
	for (int i = 0; i < 2; i++)
		uv_close((uv_handle_t *)&signals[i], NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	return uv_loop_close(&loop) == 0 ? status : 1;
}
