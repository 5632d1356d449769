/* The text of an API key, and what is stored of it. */
#ifndef TAKT_IDENTITY_KEY_H
#define TAKT_IDENTITY_KEY_H

#include "base/base.h"

struct env;

#define KEY_PREFIX "takt_"
enum {
	KEY_RANDOM_BYTES = 32,
	KEY_TEXT_LEN = 5 + 43, /* the prefix, and 32 bytes in base64url without padding */
};

struct key_hash {
	unsigned char bytes[32]; /* SHA-256 of the text */
};

/* A new key's text with a terminator.  The caller wipes it (sodium_memzero). */
void key_make(const struct env *env, char ret[KEY_TEXT_LEN + 1]);
/* Has the text the form of a key? */
bool key_is_formed(struct str text);
void key_hash_of(struct str text, struct key_hash *ret);

#endif
