/* Facts of the machine: each with a message, and what is bad with its cure. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "devstack/base/memory.h"
#include "devstack/stack/machine.h"

/* An address where no engine is: the facts do not depend on one that happens to run. */
static struct ds_facts inspect(struct run_fixture *f)
{
    struct ds_facts facts = {0};
    ds_variables_setf(&f->shell, "DOCKER_HOST", "unix://%s/docker.sock", f->root);
    ds_variables_set(&f->shell, "DOCKER_CONFIG", f->root);
    ds_machine_inspect(&f->shell, &facts);
    return facts;
}

static const struct ds_fact *find(const struct ds_facts *facts, const char *subject)
{
    for (size_t i = 0; i < facts->count; i++)
        if (strcmp(facts->items[i].subject, subject) == 0)
            return &facts->items[i];
    fail_msg("nothing is said of %s", subject);
    return NULL;
}

static void only_what_is_bad_has_a_cure(void **state)
{
    struct ds_facts facts = inspect(*state);
    assert_non_null(find(&facts, "file watches"));
    for (size_t i = 0; i < facts.count; i++) {
        assert_true(strlen(facts.items[i].message) > 0);
        if (facts.items[i].good)
            assert_null(facts.items[i].fix);
        else
            assert_non_null(facts.items[i].fix);
    }
    ds_facts_finish(&facts);
    assert_int_equal(facts.count, 0);
}

static void an_engine_that_is_not_there_is_bad(void **state)
{
    struct ds_facts facts = inspect(*state);
    assert_false(find(&facts, "docker")->good);
    ds_facts_finish(&facts);
}

static void an_address_that_is_none_is_bad(void **state)
{
    struct run_fixture *f = *state;
    struct ds_facts facts = {0};
    ds_variables_set(&f->shell, "DOCKER_HOST", "nonsense");
    ds_machine_inspect(&f->shell, &facts);
    assert_false(find(&facts, "docker")->good);
    ds_facts_finish(&facts);
}

static void the_disk_is_that_of_the_home_folder(void **state)
{
    struct run_fixture *f = *state;
    struct ds_facts facts = inspect(f);
    ds_auto_free char *place = ds_printf("GiB free in %s", f->root);
    assert_non_null(strstr(find(&facts, "disk")->message, place));
    ds_facts_finish(&facts);
}

static void few_open_files_are_bad(void **state)
{
    struct rlimit before, few;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = (struct rlimit){.rlim_cur = 512, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    struct ds_facts facts = inspect(*state);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    const struct ds_fact *fact = find(&facts, "open files");
    assert_false(fact->good);
    assert_string_equal(fact->message, "512 files may be open at once");
    assert_string_equal(fact->fix, "ulimit -n 4096");
    ds_facts_finish(&facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUN(only_what_is_bad_has_a_cure),    WITH_RUN(an_engine_that_is_not_there_is_bad),
        WITH_RUN(an_address_that_is_none_is_bad), WITH_RUN(the_disk_is_that_of_the_home_folder),
        WITH_RUN(few_open_files_are_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
