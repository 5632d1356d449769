/* Idempotency keys: see idempotency.h. */
#include "queue/idempotency.h"

#include <sodium.h>

#include "base/str.h"
#include "store/db.h"
#include "store/writer.h"

static struct str hash_view(const struct idempotency_hash *h)
{
	return (struct str){ (const char *)h->bytes, sizeof h->bytes };
}

struct idempotency_hash idempotency_hash(const char *space, struct str bytes)
{
	struct idempotency_hash ret;
	crypto_generichash_state h;
	crypto_generichash_init(&h, NULL, 0, sizeof ret.bytes);
	crypto_generichash_update(&h, (const unsigned char *)space, strlen(space));
	crypto_generichash_update(&h, (const unsigned char *)bytes.ptr, bytes.len);
	crypto_generichash_final(&h, ret.bytes, sizeof ret.bytes);
	return ret;
}

enum rc idempotency_find(struct tx *tx, struct scope scope, const struct idempotency *i,
                         int64_t *ret, struct err *err)
{
	struct rows rows;
	bool is_found = false, is_same = false;
	int64_t result = 0;
	DB_QUERY(tx->db, SQL_IDEMPOTENCY_GET, &rows, err, BIND_INT(scope.tenant),
	         BIND_BLOB(hash_view(&i->hash)), BIND_INT(tx->now_ms));
	if (rows_next(&rows)) {
		is_found = true;
		result = rows_int(&rows, 0);
		is_same = str_eq(rows_str(&rows, 1), hash_view(&i->request));
	}
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK)
		return rc;
	if (!is_found)
		return RC_NOT_FOUND;
	if (!is_same)
		return err_set(
		        err, CODE_KEY_REUSED,
		        "this idempotency key was used within a day for another request; take "
		        "a new key, or send the same request again");
	*ret = result;
	return RC_OK;
}

enum rc idempotency_keep(struct tx *tx, struct scope scope, const struct idempotency *i,
                         int64_t result, struct err *err)
{
	return DB_RUN(tx->db, SQL_IDEMPOTENCY_SET, err, BIND_INT(scope.tenant),
	              BIND_BLOB(hash_view(&i->hash)), BIND_BLOB(hash_view(&i->request)),
	              BIND_INT(result), BIND_INT(tx->now_ms + IDEMPOTENCY_WINDOW_MS));
}

enum rc idempotency_expire(struct tx *tx, struct err *err)
{
	return DB_RUN(tx->db, SQL_IDEMPOTENCY_EXPIRE, err, BIND_INT(tx->now_ms));
}
