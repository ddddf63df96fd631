/* digest.c - against the published test vectors. */

#include "base/digest.h"

#include "test.h"

static void
fields(char hex[DIGEST_HEX], const char *a, const char *b)
{
	struct digest digest;

	digest_init(&digest);
	digest_field(&digest, a);
	digest_field(&digest, b);
	digest_end(&digest, hex);
}

TEST(plain_digests_are_sha256)
{
	char hex[DIGEST_HEX];
	struct digest digest;

	digest_of("", 0, hex);
	assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_init(&digest);
	digest_raw(&digest, "a", 1);
	digest_raw(&digest, "bc", 2);
	digest_end(&digest, hex);
	assert_null(digest.context);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(a_field_stands_behind_its_length)
{
	char a[DIGEST_HEX], b[DIGEST_HEX];
	struct digest digest;

	digest_init(&digest);
	digest_field(&digest, "ab");
	digest_end(&digest, a);
	digest_of("\0\0\0\0\0\0\0\2ab", 10, b);
	assert_string_equal(a, b);
}

TEST(moving_a_byte_between_fields_changes_the_digest)
{
	char a[DIGEST_HEX], b[DIGEST_HEX];

	fields(a, "ab", "c");
	fields(b, "a", "bc");
	assert_string_not_equal(a, b);
}

TEST(null_is_not_empty)
{
	char a[DIGEST_HEX], b[DIGEST_HEX];

	fields(a, NULL, "x");
	fields(b, "", "x");
	assert_string_not_equal(a, b);
}

TEST(numbers_differ)
{
	char a[DIGEST_HEX], b[DIGEST_HEX];
	struct digest digest;

	digest_init(&digest);
	digest_number(&digest, -1);
	digest_end(&digest, a);
	digest_of("\0\0\0\0\0\0\0\10\377\377\377\377\377\377\377\377", 16, b);
	assert_string_equal(a, b);
}

/* RFC 4231, cases 1 and 2 */
TEST(hmac_is_rfc_4231)
{
	unsigned char key[20], mac[DIGEST_SIZE];
	char hex[DIGEST_HEX];

	memset(key, 0x0b, sizeof key);
	digest_hmac(key, sizeof key, "Hi There", 8, mac);
	hex_print(mac, sizeof mac, hex);
	assert_string_equal(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	digest_hmac("Jefe", 4, "what do ya want for nothing?", 28, mac);
	hex_print(mac, sizeof mac, hex);
	assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	digest_hmac(NULL, 0, "", 0, mac);
	hex_print(mac, sizeof mac, hex);
	assert_string_equal(hex, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(base64_is_rfc_4648)
{
	static const char *const rows[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
	};
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	size_t length = 99;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(base64_print(arena, rows[i][0], strlen(rows[i][0])), rows[i][1]);
		assert_string_equal(base64_read(arena, rows[i][1], &length), rows[i][0]);
		assert_int_equal(length, strlen(rows[i][0]));
	}
}

TEST(base64url_has_its_own_letters_and_no_padding)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	size_t length;
	char *bytes;

	assert_string_equal(base64_print(arena, "\xfb\xff\xfe\xff", 4), "+//+/w==");
	assert_string_equal(base64url_print(arena, "\xfb\xff\xfe\xff", 4), "-__-_w");
	bytes = base64_read(arena, "-__-_w", &length);
	assert_int_equal(length, 4);
	assert_memory_equal(bytes, "\xfb\xff\xfe\xff", 5);
}

TEST(what_is_not_base64_is_refused)
{
	static const char *const rows[] = { "Z", "Zg=", "Zg===", "Zg==Zg==", "Zm9v=", "Zm 9v", "Zm9v\n",
		"Zh==", "====", "=", "Zm9vY" };
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	size_t length = 99;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_row(i, base64_read(arena, rows[i], &length) == NULL);
		assert_row(i, length == 99);
	}
}

TEST(random_bytes_are_not_constant)
{
	unsigned char a[16] = { 0 }, b[16] = { 0 };

	random_bytes(a, sizeof a);
	random_bytes(b, sizeof b);
	assert_memory_not_equal(a, b, sizeof a);
	assert_false(equal_in_constant_time(a, b, sizeof a));
	assert_true(equal_in_constant_time(a, a, sizeof a));
}

TEST(pieces_make_the_same_digest)
{
	unsigned char bytes[1000];
	char whole[DIGEST_HEX], pieces[DIGEST_HEX];
	struct digest digest;

	random_bytes(bytes, sizeof bytes);
	digest_of(bytes, sizeof bytes, whole);
	digest_init(&digest);
	for (size_t at = 0; at < sizeof bytes; at += 8)
		digest_raw(&digest, bytes + at, 8);
	digest_end(&digest, pieces);
	assert_string_equal(whole, pieces);
}

/* RFC 4231, cases 3, 6 (a key longer than a block) and 7 */
TEST(hmac_takes_long_keys_and_long_texts)
{
	static const char text7[] =
	    "This is a test using a larger than block-size key and a larger than block-size data. "
	    "The key needs to be hashed before being used by the HMAC algorithm.";
	unsigned char key[131], data[50], mac[DIGEST_SIZE];
	char hex[DIGEST_HEX];

	memset(key, 0xaa, sizeof key);
	memset(data, 0xdd, sizeof data);
	digest_hmac(key, 20, data, sizeof data, mac);
	hex_print(mac, sizeof mac, hex);
	assert_string_equal(hex, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
	digest_hmac(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First", 54, mac);
	hex_print(mac, sizeof mac, hex);
	assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	digest_hmac(key, sizeof key, text7, strlen(text7), mac);
	hex_print(mac, sizeof mac, hex);
	assert_string_equal(hex, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(what_is_printed_in_base64_is_read_back)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	unsigned char bytes[100];

	for (size_t length = 0; length <= sizeof bytes; length++) {
		size_t plain_length = 999, url_length = 999;
		char *plain, *url;

		random_bytes(bytes, length);
		plain = base64_read(arena, base64_print(arena, bytes, length), &plain_length);
		url = base64_read(arena, base64url_print(arena, bytes, length), &url_length);
		assert_row(length, plain_length == length && url_length == length);
		assert_row(length, length == 0 || memcmp(plain, bytes, length) == 0);
		assert_row(length, length == 0 || memcmp(url, bytes, length) == 0);
		assert_row(length, plain[length] == '\0' && url[length] == '\0');
	}
}

TEST(hex_is_lower_case)
{
	char hex[9];

	hex_print("\x00\x0f\xa5\xff", 4, hex);
	assert_string_equal(hex, "000fa5ff");
	hex_print(NULL, 0, hex);
	assert_string_equal(hex, "");
}

TEST(every_byte_counts_in_a_comparison)
{
	unsigned char a[32] = { 0 }, b[32] = { 0 };

	for (size_t i = 0; i < sizeof a; i++) {
		b[i] = 1;
		assert_false(equal_in_constant_time(a, b, sizeof a));
		b[i] = 0;
	}
	assert_true(equal_in_constant_time(a, b, sizeof a));
	assert_true(equal_in_constant_time(a, b, 0));
}
