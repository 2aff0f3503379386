/* What the tests of the stack room share. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"

void run_fixture_open(struct run_fixture *fixture)
{
    char root[] = "/tmp/stack-XXXXXX";
    *fixture = (struct run_fixture){.address = "127.0.0.1"};
    assert_non_null(mkdtemp(root));
    fixture->root = ds_strdup(root);
    fixture->project = ds_path_join(root, "project");
    assert_true(ds_folder_make(fixture->project, 0755, NULL));
    ds_variables_set(&fixture->shell, "HOME", root);
    ds_variables_set(&fixture->shell, "PATH", "/usr/bin:/bin");
    ds_variables_set(&fixture->shell, "XDG_RUNTIME_DIR", root);
    assert_true(ds_identity_make("shop", "local", fixture->project, NULL, &fixture->shell,
                                 &fixture->identity, NULL));
    assert_true(ds_folder_make(fixture->identity.state_folder, 0700, NULL));
    assert_true(ds_folder_make(fixture->identity.runtime_folder, 0700, NULL));
}

static const char *answered(void *data, const char *service)
{
    const struct run_fixture *fixture = data;
    (void)service;
    return fixture->address;
}

void run_fixture_load(struct run_fixture *fixture, const char *services)
{
    struct ds_faults faults = {0};
    ds_auto_free char *text = ds_printf("name: shop\n%s", services);
    const struct ds_manifest_options options = {.shell = &fixture->shell};
    fixture->manifest =
        ds_manifest_parse("services.yaml", fixture->project, text, strlen(text), &options, &faults);
    for (size_t i = 0; i < faults.count; i++) {
        ds_auto_free char *fault = ds_fault_format(&faults.items[i]);
        print_error("%s\n", fault);
    }
    ds_faults_finish(&faults);
    assert_non_null(fixture->manifest);
    fixture->request.file = ds_path_join(fixture->project, "services.yaml");
    fixture->ports = ports_assign(fixture->manifest, &fixture->identity, false, NULL);
    assert_non_null(fixture->ports);
    fixture->context = (struct context){
        .manifest = fixture->manifest,
        .identity = &fixture->identity,
        .request = &fixture->request,
        .ports = fixture->ports,
        .shell = &fixture->shell,
        .run = "00112233445566778899aabbccddeeff",
        .address = answered,
        .data = fixture,
    };
}

void run_fixture_secret(struct run_fixture *fixture, const char *name, const char *value)
{
    struct ds_start_request *request = &fixture->request;
    request->secrets =
        ds_realloc_array(request->secrets, request->secret_count + 1, sizeof(*request->secrets));
    request->secrets[request->secret_count++] = (struct ds_start_secret){
        .name = ds_strdup(name), .value = ds_secret_create(value, strlen(value))};
}

void run_fixture_write(const struct run_fixture *fixture, const char *name, const char *text,
                       unsigned mode)
{
    ds_auto_free char *path = ds_path_join(fixture->project, name);
    ds_auto_free char *folder = ds_path_folder(path);
    assert_true(ds_folder_make(folder, 0755, NULL));
    assert_true(ds_file_write(path, text, strlen(text), mode, NULL));
}

const struct ds_service_spec *run_fixture_spec(const struct run_fixture *fixture, const char *name)
{
    const struct ds_service_spec *spec = ds_manifest_service(fixture->manifest, name);
    assert_non_null(spec);
    return spec;
}

void run_fixture_close(struct run_fixture *fixture)
{
    ports_release(fixture->ports);
    ds_start_request_finish(&fixture->request);
    ds_manifest_free(fixture->manifest);
    ds_identity_finish(&fixture->identity);
    ds_variables_finish(&fixture->shell);
    ds_tree_remove(fixture->root, NULL);
    free(fixture->project);
    free(fixture->root);
}

int run_fixture_setup(void **state)
{
    struct run_fixture *fixture = DS_NEW(struct run_fixture);
    run_fixture_open(fixture);
    *state = fixture;
    return 0;
}

int run_fixture_teardown(void **state)
{
    run_fixture_close(*state);
    free(*state);
    return 0;
}
