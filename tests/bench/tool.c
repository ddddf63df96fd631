/*
 * tool.c - the tool that children of the measurement are: kubectl that says what was once recorded.
 *
 * Beside the file by whose name it was called lie its answers (deployment.json …), as in tests/plans/facts;
 * a file "cluster" there names a simulated kubectl that everything but `rollout status` is left to.
 * `rollout status` prints lines that say when they were printed, "line N at MS", milliseconds since 1970,
 * in the rhythm of the file "rhythm": a wait in milliseconds for each line.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

static char folder[4096];

static const struct {
	const char *asked, *file;
} answers[] = {
	{ "namespace/", "identity.json" },
	{ "configmap/", "configmaps.json" },
	{ "deployment/", "deployment.json" },
	{ "replicasets", "replicasets.json" },
	{ "pods", "pods.json" },
	{ "services", "services.json" },
	{ "horizontalpodautoscalers", "autoscalers.json" },
	{ "poddisruptionbudgets", "budgets.json" },
};

static int
say_file(const char *name)
{
	static char bytes[1 << 16];
	char path[8192];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 1;
	while ((length = read(fd, bytes, sizeof(bytes))) > 0)
		if (write(1, bytes, (size_t)length) != length)
			return 1;
	return 0;
}

static void
wait_ms(long ms)
{
	struct timespec wait = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&wait, NULL);
}

static void
say_lines(void)
{
	char path[8192], line[64], text[128];
	struct timespec now;
	FILE *rhythm;
	int number = 0;

	snprintf(path, sizeof(path), "%s/rhythm", folder);
	if ((rhythm = fopen(path, "re")) == NULL)
		return;
	while (fgets(line, sizeof(line), rhythm) != NULL) {
		wait_ms(strtol(line, NULL, 10));
		clock_gettime(CLOCK_REALTIME, &now);
		snprintf(text, sizeof(text), "line %d at %lld\n", ++number,
		    (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000);
		if (write(1, text, strlen(text)) < 0)
			break;
	}
	fclose(rhythm);
}

/* The kernel's copy of the path: argv[0] is what the caller likes to say. */
static void
find_folder(void)
{
	unsigned long path = getauxval(AT_EXECFN);
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path != 0 ? (const char *)path : "./tool");
	if ((slash = strrchr(folder, '/')) != NULL)
		*slash = '\0';
}

static void
leave_to_cluster(char **argv)
{
	char path[8192], cluster[4096] = "";
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "%s/cluster", folder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	length = read(fd, cluster, sizeof(cluster) - 1);
	close(fd);
	if (length > 0)
		execv(cluster, argv);
}

int
main(int argc, char **argv)
{
	const char *last = argv[argc - 1];

	find_folder();
	if (argc > 2 && strcmp(argv[1], "rollout") == 0 && strcmp(argv[2], "status") == 0)
		say_lines();
	leave_to_cluster(argv);
	if (strcmp(argv[1], "auth") == 0)
		return say_file("may.txt");
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "-o=name") == 0)
			return say_file("references.txt");
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++)
		if (strncmp(last, answers[i].asked, strlen(answers[i].asked)) == 0)
			return say_file(answers[i].file);
	fprintf(stderr, "error: the server doesn't have a resource type \"%s\"\n", last);
	return 1;
}
