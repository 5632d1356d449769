/* SHA-256 of bytes and of trees, and its text. */
#include <sodium.h>

#include "artifact/artifact_priv.h"

#include "base/str.h"
#include "codec/hex.h"

void sha256_of(struct str bytes, struct sha256 *ret)
{
	crypto_hash_sha256(ret->bytes, (const unsigned char *)bytes.ptr, bytes.len);
}

struct str sha256_text(const struct sha256 *h, char ret[65])
{
	hex_encode(h->bytes, sizeof h->bytes, ret);
	ret[64] = '\0';
	return (struct str){ ret, 64 };
}

enum rc sha256_parse(struct str hex, struct sha256 *ret)
{
	if (hex.len != 64)
		return RC_INVALID;
	return hex_decode(hex, ret->bytes, sizeof ret->bytes);
}

static void hash_add(crypto_hash_sha256_state *state, struct str s)
{
	crypto_hash_sha256_update(state, (const unsigned char *)s.ptr, s.len);
}

/* One line: "sha256 size path\n".  A path holds no control bytes, so lines are exact. */
static void hash_add_line(crypto_hash_sha256_state *state, const struct artifact_file *f)
{
	char hex[65], size[24];
	hash_add(state, sha256_text(&f->hash, hex));
	int n = snprintf(size, sizeof size, " %lld ", (long long)f->size);
	hash_add(state, (struct str){ size, (size_t)n });
	hash_add(state, f->path);
	hash_add(state, STR("\n"));
}

void artifact_tree_hash(const struct artifact_file *sorted, size_t n, struct sha256 *ret)
{
	crypto_hash_sha256_state state;
	crypto_hash_sha256_init(&state);
	for (size_t i = 0; i < n; i++)
		hash_add_line(&state, &sorted[i]);
	crypto_hash_sha256_final(&state, ret->bytes);
}
