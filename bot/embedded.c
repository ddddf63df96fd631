/* embedded.c - the files of config/, put in by the assembler; each ends with a zero byte. */

#include "embedded.h"

#define EMBED(symbol, file)                                                                        \
	__asm__(".section .rodata\n"                                                               \
		".global " #symbol "\n"                                                            \
		".type " #symbol ", @object\n"                                                     \
		#symbol ":\n"                                                                      \
		".incbin \"" file "\"\n"                                                           \
		".byte 0\n"                                                                        \
		".size " #symbol ", .-" #symbol "\n"                                               \
		".previous\n")

EMBED(embedded_sample, "config/rollcall.yaml");
EMBED(embedded_playground, "config/playground.yaml");
EMBED(embedded_notification, "config/templates/rollback-notification.txt");
