/* Whose an object is: only what a dead run of this stack made, here, may be removed. */
#include "fixture.h"

#include <stdlib.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/docker/labels.h"
#include "devstack/stack/lease.h"
#include "orchestrator/stack/ownership.h"

static void what_we_label_is_ours(void **state)
{
    struct run_fixture *f = *state;
    ds_auto_variables struct ds_variables labels = {0};
    ownership_labels(&f->identity, "aa", NULL, &labels);
    assert_null(ds_variables_get(&labels, DS_LABEL_SERVICE));
    assert_true(ownership_is_dead(&f->identity, &labels));
    ownership_labels(&f->identity, "aa", "web", &labels);
    assert_string_equal(ds_variables_get(&labels, DS_LABEL_SERVICE), "web");
}

static void other_stacks_users_machines_and_namespaces_are_not(void **state)
{
    struct run_fixture *f = *state;
    static const char *const names[] = {DS_LABEL_STACK, DS_LABEL_UID, DS_LABEL_MACHINE,
                                        DS_LABEL_PID_NAMESPACE};
    for (size_t i = 0; i < DS_COUNT(names); i++) {
        ds_auto_variables struct ds_variables labels = {0};
        ownership_labels(&f->identity, "aa", "web", &labels);
        ds_variables_set(&labels, names[i], "another");
        assert_false(ownership_is_dead(&f->identity, &labels));
        ds_variables_unset(&labels, names[i]);
        assert_false(ownership_is_dead(&f->identity, &labels));
    }
}

static void under_another_lease_it_depends_on_who_holds_that(void **state)
{
    struct run_fixture *f = *state;
    struct ds_identity other = {0};
    ds_auto_variables struct ds_variables labels = {0}, shell = {0};
    ds_auto_free char *runtime = ds_path_join(f->root, "elsewhere");
    int lease;
    assert_true(ds_folder_make(runtime, 0700, NULL));
    ds_variables_set(&shell, "XDG_RUNTIME_DIR", runtime);
    assert_true(ds_identity_make("shop", "local", f->project, NULL, &shell, &other, NULL));
    assert_true(ds_lease_take(&other, "bb", 0, &lease, NULL));
    ownership_labels(&other, "bb", "web", &labels);
    assert_false(ownership_is_dead(&f->identity, &labels));
    ds_lease_give_up(&other, lease);
    assert_true(ownership_is_dead(&f->identity, &labels));
    ds_identity_finish(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUN(what_we_label_is_ours),
        WITH_RUN(other_stacks_users_machines_and_namespaces_are_not),
        WITH_RUN(under_another_lease_it_depends_on_who_holds_that),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
