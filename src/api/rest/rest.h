/* The handlers of the REST endpoints: see request.h for what one is. */
#ifndef TAKT_API_REST_REST_H
#define TAKT_API_REST_REST_H

#include "api/request.h"
#include "artifact/artifact.h"
#include "backup/backup.h"
#include "flow/flow.h"
#include "queue/queue.h"

typedef enum rc rest_handler(struct request *r, struct err *err);

rest_handler tasks_submit, tasks_submit_batch, tasks_get, tasks_list, tasks_cancel;
rest_handler tasks_heartbeat, tasks_complete, tasks_fail, tasks_return, tasks_finish; /* holder.c */
rest_handler leases_begin;
rest_handler tasks_retry, tasks_discard;
rest_handler queues_list, queues_get, queues_put, queues_reset, queues_pause, queues_resume,
        queues_retry_dead, queues_discard_dead;
rest_handler agents_list, agents_get, agents_history, agents_put, agents_drain, agents_resume,
        agents_remove;
rest_handler events_begin;
rest_handler workflows_put, workflows_list, workflows_get, runs_start, runs_list, runs_get,
        runs_cancel, workflows_check, runs_event, runs_fork, runs_resume;
rest_handler approvals_list, approvals_get, approvals_decide;
rest_handler blobs_put, blobs_head, artifacts_create_begin, artifacts_list, artifacts_get,
        artifacts_file, artifacts_zip, artifacts_verify;
rest_handler system_info, system_openapi, system_docs, system_healthz, system_readyz,
        system_metrics, system_status;
rest_handler backups_post, backups_get_all, backups_get_one;

#endif
