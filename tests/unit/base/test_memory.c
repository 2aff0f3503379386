/* Allocation helpers: zeroed, copied, grown, handed on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "devstack/base/memory.h"

static void memory_is_zeroed(void **state)
{
    (void)state;
    static const char zeros[64];
    ds_auto_free char *memory = ds_alloc(sizeof(zeros));
    ds_auto_free char *none = ds_alloc(0);
    assert_memory_equal(memory, zeros, sizeof(zeros));
    assert_non_null(none);
}

static void copies(void **state)
{
    (void)state;
    ds_auto_free char *whole = ds_strdup("hello");
    ds_auto_free char *part = ds_strndup("hello", 2);
    ds_auto_free char *bytes = ds_memdup("a\0b", 3);
    ds_auto_free char *printed = ds_printf("%s-%d", "x", 7);
    assert_string_equal(whole, "hello");
    assert_string_equal(part, "he");
    assert_memory_equal(bytes, "a\0b", 3);
    assert_string_equal(printed, "x-7");
    assert_null(ds_strdup(NULL));
    assert_null(ds_strndup(NULL, 3));
}

static void vectors_grow(void **state)
{
    (void)state;
    DS_VEC(int) numbers = {0};
    for (int i = 0; i < 100; i++)
        *DS_VEC_PUSH(&numbers) = i;
    assert_int_equal(numbers.count, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(numbers.items[i], i);
    free(numbers.items);
}

static void stealing_empties_the_owner(void **state)
{
    (void)state;
    ds_auto_free char *owner = ds_strdup("x");
    ds_auto_free char *other = ds_steal(owner);
    assert_null(owner);
    assert_string_equal(other, "x");
    int fd = 7;
    assert_int_equal(ds_steal_fd(&fd), 7);
    assert_int_equal(fd, -1);
}

static void descriptors_are_closed(void **state)
{
    (void)state;
    int seen;
    {
        ds_auto_fd int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        seen = fd;
        assert_true(fcntl(seen, F_GETFD) >= 0);
    }
    assert_int_equal(fcntl(seen, F_GETFD), -1);
}

/* Asks for more than there can be, in a child that is to be aborted. */
static void exhaustion_aborts(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit none = {0};
        setrlimit(RLIMIT_CORE, &none);
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        free(ds_realloc_array(NULL, SIZE_MAX / 2, 4));
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed),       cmocka_unit_test(copies),
        cmocka_unit_test(vectors_grow),           cmocka_unit_test(stealing_empties_the_owner),
        cmocka_unit_test(descriptors_are_closed), cmocka_unit_test(exhaustion_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
