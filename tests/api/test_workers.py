"""The worker protocol."""

import threading

import pytest

from server import wait_until


class Poll(threading.Thread):
    """A long poll under way; `answer` when it is over."""

    def __init__(self, client, *kinds, **more):
        super().__init__(daemon=True)
        self.client, self.kinds = client, kinds
        self.more = {"wait_ms": 30_000, **more}
        self.answer = None
        self.start()

    def run(self):
        self.answer = self.client.lease(*self.kinds, **self.more)

    def result(self):
        self.join(20)
        assert not self.is_alive(), "the poll was not answered"
        return self.answer


def pollers(client, n):
    wait_until(lambda: client.metric("takt_lease_pollers") >= n, f"{n} pollers")


def test_lease_and_complete(client, kind):
    made = client.submit(kind, {"n": 1}, attempts_max=4)
    lease = client.lease_one(kind, lease_ms=5000, worker="w1")
    assert (lease["id"], lease["input"], lease["attempt"], lease["attempts_max"]) == (made["id"], {"n": 1}, 1, 4)
    assert lease["lease_ms"] == 5000 and lease["timeout_ms"] == 0 and lease["run"] is None
    held = client.task(made["id"])
    assert held["state"] == held["reason"] == "leased" and held["worker"] == "w1" and held["lease_until"]
    assert client.lease(kind) == []
    assert client.complete(lease, {"ok": True}) == {"id": made["id"], "state": "succeeded"}
    task = client.task(made["id"])
    assert task["output"] == {"ok": True} and task["finished_at"] and task["lease_until"] is None
    assert client.complete(lease, {"ok": True})["state"] == "succeeded"


def test_a_lease_is_no_longer_than_the_timeout(client, kind):
    client.submit(kind, timeout_ms=1500)
    lease = client.lease_one(kind, lease_ms=60_000)
    assert lease["lease_ms"] == 1500 and lease["timeout_ms"] == 1500


def test_complete_with_the_next_lease(client, kind):
    ids = [client.submit(kind, n)["id"] for n in range(3)]
    lease = client.lease_one(kind)
    answer = client.complete(lease, lease={"worker": "w", "kinds": [kind], "max": 5})
    assert [t["id"] for t in answer["tasks"]] == ids[1:]
    answer = client.complete(answer["tasks"][0], lease={"worker": "w", "kinds": [kind], "wait_ms": 0})
    assert answer["tasks"] == [] and answer["state"] == "succeeded"


def word(lease, **more):
    return {"id": lease["id"], "token": lease["token"], "attempt": lease["attempt"], **more}


def finish(client, completed=(), failed=(), **more):
    return client.post("/v1/tasks/finish", {"completed": list(completed), "failed": list(failed), **more})


BUSY = {"code": "busy", "message": "not now"}


def test_many_words_in_one_request(client, kind):
    for n in range(4):
        client.submit(kind, n, attempts_max=2, retry={"base_ms": 86_400_000, "cap_ms": 86_400_000})
    a, b, c = client.lease(kind, max=3)
    words = [word(a, output={"n": 0})], [word(b, error=BUSY), word(c, error=BUSY, final=True)]
    answer = finish(client, *words, lease={"worker": "w", "kinds": [kind], "max": 5})
    assert answer["completed"] == [{"id": a["id"], "state": "succeeded"}]
    assert answer["failed"][0]["state"] == "scheduled" and answer["failed"][0]["retry_at"]
    assert answer["failed"][1] == {"id": c["id"], "state": "failed", "retry_at": None}
    assert [t["input"] for t in answer["tasks"]] == [3]
    assert client.task(a["id"])["output"] == {"n": 0}
    assert client.task(b["id"])["error"]["code"] == client.task(c["id"])["error"]["code"] == "busy"
    assert finish(client, *words) == {**answer, "tasks": []}


def test_a_refused_word_does_not_disturb_the_others(client, kind):
    for n in range(3):
        client.submit(kind, n)
    a, b, c = client.lease(kind, max=3)
    client.post(f"/v1/tasks/{b['id']}/cancel", {})
    stale = {**c, "token": "0" * 32}
    never = {**a, "id": "task_0000000000001"}
    answer = finish(client, [word(b), word(never), word(stale), word(a), word(c, output=1)])["completed"]
    assert [w.get("state", w.get("code")) for w in answer] == [
        "lease_lost", "not_found", "lease_lost", "succeeded", "succeeded"]
    assert "cancelled" in answer[0]["detail"]
    assert client.task(b["id"])["state"] == "cancelled" and client.task(c["id"])["output"] == 1


def test_a_word_that_makes_no_sense_refuses_all(client, kind):
    client.submit(kind)
    lease = client.lease_one(kind)
    waiting = {"lease": {"worker": "w", "kinds": [kind], "wait_ms": 1}}
    for bad, pointer in (({"completed": []}, None), ({"failed": [{**word(lease, error=BUSY), "id": "task_!"}]}, "/failed/0/id"),
                         ({"failed": [word(lease, error={"code": "x"})]}, "/failed/0/error/message"),
                         ({"completed": [word(lease), word(lease, error=BUSY)]}, "/completed/1/error"),
                         ({"completed": [word(lease)], **waiting}, "/lease/wait_ms")):
        client.refused("POST", "/v1/tasks/finish", bad, status=400, pointer=pointer)
    assert client.task(lease["id"])["state"] == "leased"


def test_a_waiting_poll_gets_the_task_in_the_commit_of_its_submit(fresh):
    client = fresh.client
    poll = Poll(client, "other", "work")
    pollers(client, 1)
    made = client.submit("work", 1)
    assert client.task(made["id"])["state"] == "leased"  # it was, when the submit was answered
    (lease,) = poll.result()
    assert lease["id"] == made["id"] and lease["attempt"] == 1
    assert client.metric("takt_lease_pollers") == 0


def test_polls_of_one_kind_take_turns(fresh):
    client = fresh.client
    polls = []
    for n in range(3):
        polls.append(Poll(client, "work", worker=f"w{n}"))
        pollers(client, n + 1)
    made = [client.submit("work", n)["id"] for n in range(3)]
    assert [p.result()[0]["id"] for p in polls] == made
    assert [client.task(i)["worker"] for i in made] == ["w0", "w1", "w2"]


def test_a_poll_ends_empty_after_its_wait(client, kind):
    assert client.lease(kind, wait_ms=1) == []


def test_a_delayed_task_reaches_a_waiting_poll(client, kind):
    poll = Poll(client, kind)
    made = client.submit(kind, delay_ms=30)
    assert poll.result()[0]["id"] == made["id"]


def test_fail_is_tried_again_and_ends(client, kind):
    made = client.submit(kind, attempts_max=2, retry={"base_ms": 1, "cap_ms": 1})
    answer = client.tell(client.lease_one(kind), "fail", error={"code": "net", "message": "gone", "detail": [1]})
    assert answer["state"] in ("scheduled", "ready") and answer["retry_at"]
    (lease,) = client.lease(kind, wait_ms=20_000)
    assert lease["attempt"] == 2
    answer = client.tell(lease, "fail", error={"code": "net", "message": "gone"})
    assert answer == {"id": made["id"], "state": "failed", "retry_at": None}
    assert client.task(made["id"])["error"] == {"code": "net", "message": "gone"}
    assert client.tell(lease, "fail", error={"code": "net", "message": "gone"})["state"] == "failed"


def test_a_final_failure_is_final(client, kind):
    client.submit(kind, attempts_max=9)
    answer = client.tell(client.lease_one(kind), "fail", error={"code": "bad", "message": ""}, final=True)
    assert answer["state"] == "failed"


def test_backoff_is_told(client, kind):
    made = client.submit(kind, retry={"base_ms": 86_400_000, "cap_ms": 86_400_000})
    client.tell(client.lease_one(kind), "fail", error={"code": "net", "message": "gone"})
    task = client.task(made["id"])
    assert task["state"] == "scheduled" and task["reason"] == "backoff" and task["error"]["code"] == "net"


def test_return(client, kind):
    made = client.submit(kind, attempts_max=1)
    lease = client.lease_one(kind)
    assert client.tell(lease, "return") == {"id": made["id"], "state": "ready"}
    again = client.lease_one(kind)
    assert again["attempt"] == 2 and client.complete(again)["state"] == "succeeded"


def test_heartbeat(client, kind):
    made = client.submit(kind)
    lease = client.lease_one(kind, lease_ms=2000)
    lines = ["eins", "zwei \u0001 \U0001f41d"]
    answer = client.tell(lease, "heartbeat", progress=0.25, message="half", log=lines, lease_ms=60_000)
    assert answer == {"lease_ms": 60_000, "cancelled": False, "draining": False}
    assert client.tell(lease, "heartbeat")["lease_ms"] == 60_000
    task = client.task(made["id"])
    assert task["progress"] == 0.25 and task["message"] == "half"


def test_the_largest_log_fits(client, kind):
    client.submit(kind)
    lease = client.lease_one(kind)
    client.tell(lease, "heartbeat", log=["\u0001" * 800] * 100)
    client.tell(lease, "heartbeat", log=["x" * 4096] * 100)
    assert client.complete(lease)["state"] == "succeeded"


def test_cancelling_reaches_the_holder(client, kind):
    made = client.submit(kind)
    lease = client.lease_one(kind)
    client.post(f"/v1/tasks/{made['id']}/cancel")
    assert client.tell(lease, "heartbeat")["cancelled"] is True
    path = f"/v1/tasks/{made['id']}/complete"
    client.refused("POST", path, {"token": lease["token"], "attempt": 1}, status=409, code="lease_lost")
    assert client.task(made["id"])["state"] == "cancelled"


VERBS = {"heartbeat": {}, "complete": {}, "fail": {"error": {"code": "x", "message": "x"}}, "return": {}}


@pytest.mark.parametrize("verb", VERBS)
def test_stale_words_change_nothing(client, kind, verb):
    made = client.submit(kind)
    old = client.lease_one(kind)
    client.tell(old, "return")
    new = client.lease_one(kind)
    path = f"/v1/tasks/{made['id']}/{verb}"
    for token, attempt in ((old["token"], 1), (old["token"], 2), (new["token"], 1), ("0" * 32, 2)):
        client.refused("POST", path, {"token": token, "attempt": attempt, **VERBS[verb]},
                       status=409, code="lease_lost")
    before = client.task(made["id"])
    assert before["state"] == "leased" and before["attempt"] == 2
    assert client.complete(new)["state"] == "succeeded"


@pytest.mark.parametrize("verb", VERBS)
def test_words_about_tasks_that_never_were(client, verb):
    client.refused("POST", f"/v1/tasks/task_0000000000001/{verb}",
                   {"token": "0" * 32, "attempt": 1, **VERBS[verb]}, status=404, code="not_found")


@pytest.mark.parametrize("verb,after", [("complete", "fail"), ("fail", "complete"), ("complete", "return"),
                                        ("return", "heartbeat"), ("complete", "heartbeat")])
def test_another_word_after_the_last_one(client, kind, verb, after):
    client.submit(kind, attempts_max=1)
    lease = client.lease_one(kind)
    client.tell(lease, verb, **VERBS[verb])
    client.refused("POST", f"/v1/tasks/{lease['id']}/{after}",
                   {"token": lease["token"], "attempt": 1, **VERBS[after]}, status=409, code="lease_lost")


def test_a_lease_that_runs_out_is_lost_and_given_again(client, kind):
    client.submit(kind)
    first = client.lease_one(kind, lease_ms=1000)
    (second,) = client.lease(kind, wait_ms=20_000)
    assert second["id"] == first["id"] and second["attempt"] == 2
    assert client.task(first["id"])["lost"] == 1
    client.refused("POST", f"/v1/tasks/{first['id']}/complete", {"token": first["token"], "attempt": 1},
                   code="lease_lost")


def test_a_poller_that_hung_up_is_given_nothing(fresh):
    client = fresh.client
    body = b'{"worker":"gone","kinds":["work"],"wait_ms":60000}'
    gone = client.open("POST", "/v1/leases", body, {"Content-Type": "application/json"})
    pollers(client, 1)
    gone.close()
    wait_until(lambda: client.metric("takt_lease_pollers") == 0, "the withdrawal")
    made = client.submit("work")
    assert made["state"] == "ready"
    assert client.lease_one("work")["attempt"] == 1


def test_hang_ups_and_submits_at_the_same_moment(fresh):
    """Whoever hangs up while work comes in gives it back: the next one has it at once.  An answer
    that was on its way already is beyond recall; its lease runs out, and that is rare."""
    client, lost = fresh.client, 0
    body = b'{"worker":"gone","kinds":["work"],"wait_ms":60000,"lease_ms":1000}'
    for n in range(30):
        gone = client.open("POST", "/v1/leases", body, {"Content-Type": "application/json"})
        if n % 2:
            pollers(client, 1)
        closing = threading.Thread(target=gone.close)
        closing.start()
        made = client.submit("work", n)
        closing.join()
        (lease,) = client.lease("work", wait_ms=20_000)
        assert lease["id"] == made["id"] and lease["attempt"] in (1, 2)
        lost += client.task(made["id"])["lost"]
        client.complete(lease)
    assert lost < 10
