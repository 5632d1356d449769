/* Whose turn it is, for workers who take tasks of all tenants.
 *
 * Tenants with work take turns in the order of their numbers, as many tasks each as their
 * weight says (deficit round robin).  The index of the ready has the tenant behind the
 * kind, so finding the next one is one seek per kind, however many tenants there are.
 *
 * Workers who ask for the same kinds share a turn; a turn lies in memory, and losing it (a
 * restart, another set of kinds in its place) only means that somebody begins again.
 */
#include "queue/queue_priv.h"

/* Of a set: the order in which kinds are named makes no difference. */
static uint64_t hash_of(const struct lease_command *l)
{
	uint64_t sum = 1;
	for (size_t i = 0; i < l->n_kinds; i++) {
		uint64_t h = 14695981039346656037u; /* FNV-1a */
		for (size_t k = 0; k < l->kinds[i].len; k++)
			h = (h ^ (unsigned char)l->kinds[i].ptr[k]) * 1099511628211u;
		sum += h * h;
	}
	return sum ? sum : 1;
}

static struct turn *turn_of(struct queue *q, const struct lease_command *l)
{
	uint64_t h = hash_of(l);
	struct turn *t = &q->turns[(h ^ (h >> 32)) % TURNS];
	if (t->kinds != h)
		*t = (struct turn){ .kinds = h };
	return t;
}

static enum rc next_of_kind(struct tx *tx, struct str kind, int64_t after, int64_t *least,
                            struct err *err)
{
	struct rows rows;
	DB_QUERY(tx->db, SQL_TASK_READY_TENANT, &rows, err, BIND_STR(kind), BIND_INT(after));
	if (rows_next(&rows))
		*least = int64_min(*least, rows_int(&rows, 0));
	return rows_end(&rows, err);
}

static enum rc next_tenant(struct tx *tx, const struct lease_command *l, int64_t after,
                           int64_t *ret, struct err *err)
{
	int64_t least = INT64_MAX;
	enum rc rc = RC_OK;
	for (size_t i = 0; i < l->n_kinds && rc == RC_OK; i++)
		rc = next_of_kind(tx, l->kinds[i], after, &least, err);
	if (rc == RC_OK)
		*ret = least == INT64_MAX ? 0 : least;
	return rc;
}

static enum rc weight_of(struct tx *tx, int64_t tenant, int64_t *ret, struct err *err)
{
	struct rows rows;
	int64_t weight = 1;
	DB_QUERY(tx->db, SQL_TENANT_WEIGHT, &rows, err, BIND_INT(tenant));
	if (rows_next(&rows))
		weight = int64_max(rows_int(&rows, 0), 1);
	enum rc rc = rows_end(&rows, err);
	if (rc == RC_OK)
		*ret = weight;
	return rc;
}

enum rc turn_next(struct queue *q, struct tx *tx, const struct lease_command *l,
                  int64_t *ret_tenant, int64_t *ret_left, struct err *err)
{
	struct turn *t = turn_of(q, l);
	enum rc rc = RC_OK;
	if (t->left <= 0) {
		int64_t tenant = 0;
		rc = next_tenant(tx, l, t->tenant, &tenant, err);
		if (rc == RC_OK && !tenant && t->tenant) /* round again */
			rc = next_tenant(tx, l, 0, &tenant, err);
		if (rc == RC_OK && tenant)
			rc = weight_of(tx, tenant, &t->left, err);
		t->tenant = tenant;
	}
	if (rc != RC_OK)
		return rc;
	*ret_tenant = t->tenant;
	*ret_left = t->left;
	return RC_OK;
}

void turn_used(struct queue *q, const struct lease_command *l, int64_t n, bool is_over)
{
	struct turn *t = turn_of(q, l);
	t->left = is_over ? 0 : t->left - n;
}
