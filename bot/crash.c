/* crash.c - what is safe in a signal handler: a few bytes of our own, and write. */

#include "crash.h"

#include <execinfo.h>
#include <elf.h>
#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

#define FRAMES 32

static char build[2 * 32 + 1] = "unknown";	/* hexadecimal */
static uintptr_t base;

struct line {
	char bytes[256];
	size_t length;
};

static void
add(struct line *line, const char *s)
{
	while (*s != '\0' && line->length < sizeof(line->bytes))
		line->bytes[line->length++] = *s++;
}

static void
add_number(struct line *line, uintptr_t number, unsigned radix)
{
	char digits[20], *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do
		*--at = "0123456789abcdef"[number % radix];
	while ((number /= radix) != 0 && at > digits);
	add(line, at);
}

static void
add_address(struct line *line, const char *what, uintptr_t address)
{
	add(line, what);
	add(line, " 0x");
	add_number(line, address, 16);
}

static void
say(struct line *line)
{
	add(line, "\n");
	if (write(STDERR_FILENO, line->bytes, line->length) < 0)
		return;		/* nobody listens; the end is the same */
	line->length = 0;
}

/* The first line goes before the stack is looked at, which may be what is broken. */
static void
on_crash(int number, siginfo_t *info, void *context)
{
	struct line line = { .length = 0 };
	void *frames[FRAMES];
	int count;

	(void)context;
	add(&line, "rollcall " ROLLCALL_VERSION " build ");
	add(&line, build);
	add(&line, " died of signal ");
	add_number(&line, (uintptr_t)number, 10);
	say(&line);
	/* Of an abort it is the sender. */
	add_address(&line, "at", number != SIGABRT ? (uintptr_t)info->si_addr : 0);
	add_address(&line, " base", base);
	say(&line);
	count = backtrace(frames, FRAMES);
	for (int i = 0; i < count; i++) {
		add_address(&line, "from", (uintptr_t)frames[i]);
		say(&line);
	}
	raise(number);		/* SA_RESETHAND: as if there were no handler, when this one returns */
}

static void
keep_build(const char *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < length && 2 * i + 2 < sizeof(build); i++) {
		build[2 * i] = digits[(unsigned char)bytes[i] >> 4];
		build[2 * i + 1] = digits[(unsigned char)bytes[i] & 15];
		build[2 * i + 2] = '\0';
	}
}

static size_t
padded(size_t length)
{
	return (length + 3) / 4 * 4;
}

static void
read_notes(const char *notes, size_t size)
{
	ElfW(Nhdr) note;
	size_t name, bytes;

	while (size >= sizeof(note)) {
		memcpy(&note, notes, sizeof(note));
		name = padded(note.n_namesz);
		bytes = padded(note.n_descsz);
		if (size - sizeof(note) < name || size - sizeof(note) - name < bytes)
			return;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof("GNU"))
			keep_build(notes + sizeof(note) + name, note.n_descsz);
		notes += sizeof(note) + name + bytes;
		size -= sizeof(note) + name + bytes;
	}
}

/* The first one is the program itself. */
static int
read_program(struct dl_phdr_info *program, size_t size, void *arg)
{
	const char *notes;

	(void)size;
	(void)arg;
	base = program->dlpi_addr;
	for (int i = 0; i < program->dlpi_phnum; i++) {
		if (program->dlpi_phdr[i].p_type != PT_NOTE)
			continue;
		notes = (const char *)base + program->dlpi_phdr[i].p_vaddr;
		read_notes(notes, program->dlpi_phdr[i].p_memsz);
	}
	return 1;
}

void
crash_watch(void)
{
	static const int numbers[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
	static char stack[KILOBYTES(64)];	/* the usual one may be what is full */
	struct sigaction action = { .sa_sigaction = on_crash,
		.sa_flags = SA_SIGINFO | SA_RESETHAND | SA_ONSTACK };
	void *frame;

	dl_iterate_phdr(read_program, NULL);
	backtrace(&frame, 1);	/* the first one loads a library, which a handler may not */
	sigaltstack(&(stack_t){ .ss_sp = stack, .ss_size = sizeof(stack) }, NULL);
	for (size_t i = 0; i < COUNT(numbers); i++)
		sigaction(numbers[i], &action, NULL);
}
