/*
 * Both ways of walking a process tree, on a real one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devstack/base/memory.h"
#include "orchestrator/guardian/tree.h"

/* A process that ends when `gate` does. */
static _Noreturn void wait_at(int gate)
{
    char byte;
    (void)!read(gate, &byte, 1);
    _exit(0);
}

/* Forks children that wait at the gate. */
static pid_t fork_waiting(const int gate[2])
{
    pid_t pid = fork();
    if (pid == 0) {
        close(gate[1]);
        wait_at(gate[0]);
    }
    return pid;
}

static void reap_all(void)
{
    while (waitpid(-1, NULL, 0) > 0)
        ;
}

static struct ds_guard_pids collect(enum ds_guard_tree_source source,
                                    const struct ds_guard_pids *skip)
{
    struct ds_guard_pids pids = {0};
    ds_guard_tree_collect(source, getpid(), skip, &pids);
    return pids;
}

static void finds_a_wide_tree(void **state)
{
    enum ds_guard_tree_source source = *(enum ds_guard_tree_source *)*state;
    enum { WIDE = 300 };
    pid_t children[WIDE];
    int gate[2];
    assert_int_equal(pipe(gate), 0);
    for (size_t i = 0; i < WIDE; i++)
        children[i] = fork_waiting(gate);
    struct ds_guard_pids pids = collect(source, NULL);
    assert_int_equal(pids.count, WIDE);
    for (size_t i = 0; i < WIDE; i++)
        assert_true(ds_guard_pids_contain(&pids, children[i]));
    ds_guard_pids_finish(&pids);
    struct ds_guard_pids skip = {0};
    for (size_t i = 0; i < WIDE - 1; i++)
        assert_true(ds_guard_pids_add(&skip, children[i]));
    pids = collect(source, &skip);
    assert_int_equal(pids.count, 1);
    assert_int_equal(pids.items[0], children[WIDE - 1]);
    ds_guard_pids_finish(&pids);
    ds_guard_pids_finish(&skip);
    close(gate[0]);
    close(gate[1]);
    reap_all();
}

/* Each process forks the next, tells its pid, and waits. */
static void fork_chain(const int gate[2], int tell, int depth)
{
    for (int i = 0; i < depth; i++) {
        if (fork() > 0)
            wait_at(gate[0]);
        close(gate[1]);
        pid_t pid = getpid();
        (void)!write(tell, &pid, sizeof(pid));
    }
    wait_at(gate[0]);
}

static void finds_a_deep_tree_from_the_top(void **state)
{
    enum ds_guard_tree_source source = *(enum ds_guard_tree_source *)*state;
    enum { DEEP = 60 };
    int gate[2], tell[2];
    assert_int_equal(pipe(gate), 0);
    assert_int_equal(pipe(tell), 0);
    pid_t first = fork();
    if (first == 0) {
        close(gate[1]);
        fork_chain(gate, tell[1], DEEP);
    }
    pid_t chain[DEEP];
    for (size_t i = 0; i < DEEP; i++)
        assert_int_equal(read(tell[0], &chain[i], sizeof(pid_t)), sizeof(pid_t));
    struct ds_guard_pids pids = collect(source, NULL);
    assert_int_equal(pids.count, DEEP + 1);
    assert_int_equal(pids.items[0], first);
    for (size_t i = 0; i < DEEP; i++)
        assert_int_equal(pids.items[i + 1], chain[i]);
    ds_guard_pids_finish(&pids);
    assert_int_equal(ds_guard_tree_parent(chain[0]), first);
    assert_int_equal(ds_guard_tree_parent(first), getpid());
    close(gate[0]);
    close(gate[1]);
    close(tell[0]);
    close(tell[1]);
    reap_all();
}

struct threaded {
    int gate[2];
    int done[2];
    pid_t pid;
};

static void *fork_in_thread(void *data)
{
    struct threaded *threaded = data;
    char byte;
    threaded->pid = fork_waiting(threaded->gate);
    (void)!write(threaded->done[1], "", 1);
    (void)!read(threaded->gate[0], &byte, 1);
    return NULL;
}

static void finds_a_threads_child(void **state)
{
    enum ds_guard_tree_source source = *(enum ds_guard_tree_source *)*state;
    struct threaded threaded = {0};
    assert_int_equal(pipe(threaded.gate), 0);
    assert_int_equal(pipe(threaded.done), 0);
    pthread_t thread;
    char byte;
    assert_int_equal(pthread_create(&thread, NULL, fork_in_thread, &threaded), 0);
    assert_int_equal(read(threaded.done[0], &byte, 1), 1);
    struct ds_guard_pids pids = collect(source, NULL);
    assert_int_equal(pids.count, 1);
    assert_int_equal(pids.items[0], threaded.pid);
    ds_guard_pids_finish(&pids);
    close(threaded.gate[1]);
    pthread_join(thread, NULL);
    close(threaded.gate[0]);
    close(threaded.done[0]);
    close(threaded.done[1]);
    reap_all();
}

/* stat has the name in parentheses, and a name may have any of them. */
static void reads_past_odd_names(void **state)
{
    (void)state;
    int gate[2], tell[2];
    assert_int_equal(pipe(gate), 0);
    assert_int_equal(pipe(tell), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(gate[1]);
        prctl(PR_SET_NAME, ") S 1 (\n) 7 7");
        (void)!write(tell[1], "", 1);
        wait_at(gate[0]);
    }
    char byte;
    assert_int_equal(read(tell[0], &byte, 1), 1);
    assert_int_equal(ds_guard_tree_parent(pid), getpid());
    close(gate[0]);
    close(gate[1]);
    close(tell[0]);
    close(tell[1]);
    reap_all();
    assert_int_equal(ds_guard_tree_parent(pid), 0);
}

int main(void)
{
    static enum ds_guard_tree_source children = DS_GUARD_TREE_CHILDREN, stat = DS_GUARD_TREE_STAT;
    /* Where the kernel lacks the files of the first, both rows test the second. */
    children = ds_guard_tree_source();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(finds_a_wide_tree, &children),
        cmocka_unit_test_prestate(finds_a_wide_tree, &stat),
        cmocka_unit_test_prestate(finds_a_deep_tree_from_the_top, &children),
        cmocka_unit_test_prestate(finds_a_deep_tree_from_the_top, &stat),
        cmocka_unit_test_prestate(finds_a_threads_child, &children),
        cmocka_unit_test_prestate(finds_a_threads_child, &stat),
        cmocka_unit_test(reads_past_odd_names),
    };
    return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
