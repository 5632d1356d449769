/* Idempotency keys: see idempotency.h. */
#include "queue/idempotency.h"

#include <sodium.h>

#include "base/str.h"
#include "store/db.h"
#include "store/writer.h"
#include "sys/planted.h"

static struct str hash_view(const struct idempotency_hash *h)
{
	return (struct str){ (const char *)h->bytes, sizeof h->bytes };
}

struct idempotency_hash idempotency_hash(struct str bytes)
{
	struct idempotency_hash ret;
	crypto_generichash(ret.bytes, sizeof ret.bytes, (const unsigned char *)bytes.ptr, bytes.len,
	                   NULL, 0);
	return ret;
}

static enum rc find(struct tx *tx, struct scope scope, const struct idempotency *i, int64_t *ret,
                    struct err *err)
{
	struct rows rows;
	bool is_same = false;
	int64_t result = 0;
	DB_QUERY(tx->db, SQL_IDEMPOTENCY_GET, &rows, err, BIND_INT(scope.tenant),
	         BIND_INT(i->space), BIND_STR(i->key));
	if (rows_next(&rows)) {
		result = rows_int(&rows, 0);
		is_same = str_eq(rows_str(&rows, 1), hash_view(&i->request));
	}
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK)
		return rc;
	if (!is_same)
		return err_set(
		        err, CODE_KEY_REUSED,
		        "this idempotency key was used within a day for another request; take "
		        "a new key, or send the same request again");
	*ret = result;
	return RC_OK;
}

/* One statement when the key is free or has run out, which is the common case. */
enum rc idempotency_claim(struct tx *tx, struct scope scope, const struct idempotency *i,
                          int64_t fresh, int64_t *ret, struct err *err)
{
	enum rc rc = DB_RUN(tx->db, SQL_IDEMPOTENCY_CLAIM, err, BIND_INT(scope.tenant),
	                    BIND_INT(i->space), BIND_STR(i->key), BIND_BLOB(hash_view(&i->request)),
	                    BIND_INT(fresh), BIND_INT(tx->now_ms + IDEMPOTENCY_WINDOW_MS),
	                    BIND_INT(tx->now_ms));
	if (rc != RC_OK)
		return rc;
	if (db_changes(tx->db) == 0 && !PLANTED(no_unique))
		return find(tx, scope, i, ret, err);
	*ret = fresh;
	return RC_OK;
}

enum rc idempotency_expire(struct tx *tx, struct err *err)
{
	return DB_RUN(tx->db, SQL_IDEMPOTENCY_EXPIRE, err, BIND_INT(tx->now_ms));
}
