/* mask.c - any stream, cut anywhere: no control characters, and a known secret never appears. */

#include "base/mask.h"
#include "base/unicode.h"
#include "fuzz.h"

#define PLAIN "correct-horse-7"
#define CODED "Y29ycmVjdC1ob3JzZS03"	/* base64 of it */
#define HEX "636f72726563742d686f7273652d37"

/* The bytes 1 to 3 stand for the secret in one of its forms. */
static void
fill(struct text *stream, const char *bytes, size_t length)
{
	static const char *const forms[] = { PLAIN, CODED, HEX };

	for (size_t i = 0; i < length; i++)
		if (bytes[i] >= 1 && bytes[i] <= 3)
			text_add(stream, forms[bytes[i] - 1]);
		else
			text_add_char(stream, bytes[i]);
}

FUZZ
{
	_cleanup_(text_clear) struct text stream = TEXT_INIT, clean = TEXT_INIT, out = TEXT_INIT,
	    whole = TEXT_INIT;
	struct mask_set *set = mask_set_new(NULL);
	struct mask_stream masked = MASK_STREAM(set);
	struct foreign_filter filter = { 0 };
	size_t cut = length > 0 ? 1 + (unsigned char)bytes[0] % 40 : 1;

	mask_add(set, PLAIN, strlen(PLAIN));
	fill(&stream, bytes, length);
	for (size_t i = 0; i < stream.length; i += cut)
		foreign_add(&filter, &clean, stream.data + i,
		    stream.length - i < cut ? stream.length - i : cut);
	foreign_end(&filter, &clean);
	must(utf8_valid(clean.data, clean.length));
	for (size_t i = 0; i < clean.length; i++)
		must((clean.data[i] & 0x80) != 0 || clean.data[i] == '\n' || clean.data[i] == '\t' ||
		    (clean.data[i] >= ' ' && clean.data[i] != 0x7f));

	for (size_t i = 0; i < clean.length; i += cut)
		mask_stream_add(&masked, &out, clean.data + i,
		    clean.length - i < cut ? clean.length - i : cut);
	mask_stream_end(&masked, &out);
	mask_stream_clear(&masked);
	must(strstr(out.data, PLAIN) == NULL && strstr(out.data, CODED) == NULL);
	must(strstr(out.data, HEX) == NULL);
	mask_text(set, &whole, clean.data, clean.length);
	must(string_equal(out.data, whole.data));
	mask_set_free(set);
}
