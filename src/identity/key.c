/* The text of an API key: see key.h. */
#include <sodium.h>

#include "identity/key.h"

#include "base/str.h"
#include "sys/env.h"

void key_make(const struct env *env, char ret[KEY_TEXT_LEN + 1])
{
	unsigned char random[KEY_RANDOM_BYTES];
	env_random(env, random, sizeof random);
	memcpy(ret, KEY_PREFIX, strlen(KEY_PREFIX));
	sodium_bin2base64(ret + strlen(KEY_PREFIX), KEY_TEXT_LEN + 1 - strlen(KEY_PREFIX), random,
	                  sizeof random, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(random, sizeof random);
}

static bool is_key_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

bool key_is_formed(struct str text)
{
	if (text.len != KEY_TEXT_LEN || !str_starts(text, STR(KEY_PREFIX)))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!is_key_byte(text.ptr[i]))
			return false;
	return true;
}

void key_hash_of(struct str text, struct key_hash *ret)
{
	crypto_hash_sha256(ret->bytes, (const unsigned char *)text.ptr, text.len);
}
