/* devstack doctor: the machine, the keyring, and everything that `up` would check here. */
#include <jansson.h>
#include <stdlib.h>

#include "devstack/base/memory.h"
#include "devstack/secrets/resolve.h"
#include "devstack/stack/lease.h"
#include "devstack/stack/machine.h"
#include "devstack/stack/preflight.h"
#include "problems.h"
#include "project.h"

static void add_keyring(struct ds_facts *facts)
{
    struct ds_keyring_report keyring = {0};
    ds_keyring_inspect(&keyring);
    *DS_VEC_PUSH(facts) = (struct ds_fact){
        .good = keyring.outcome == DS_SECRET_FOUND,
        .subject = ds_strdup("keyring"),
        .message = keyring.message ? keyring.message : ds_strdup("usable"),
        .fix = keyring.hint,
    };
}

static void print_facts(const struct ds_facts *facts, const struct ds_terminal *terminal)
{
    struct palette palette = {.color = terminal->color, .utf8 = terminal->utf8};
    int width = 0;
    for (size_t i = 0; i < facts->count; i++) {
        int own = ds_terminal_width(facts->items[i].subject) + 2;
        width = own > width ? own : width;
    }
    ds_auto_text struct ds_text text = {0};
    for (size_t i = 0; i < facts->count; i++) {
        const struct ds_fact *fact = &facts->items[i];
        ds_auto_free char *subject = ds_printf(
            "%s %s",
            palette_glyph(&palette, fact->good ? DS_STATE_COMPLETED : DS_STATE_UNHEALTHY, 0),
            fact->subject);
        paragraph_render(subject, width, fact->message, fact->good ? NULL : fact->fix, &palette,
                         terminal->columns, &text);
    }
    fputs(ds_text_string(&text), stdout);
}

static void print_problems(const struct ds_problems *problems, const char *stack,
                           const struct ds_terminal *terminal)
{
    struct palette palette = {.color = terminal->color, .utf8 = terminal->utf8};
    ds_auto_text struct ds_text text = {0};
    if (problems->count)
        problems_render(problems, stack, &palette, terminal->columns, &text);
    else
        ds_text_appendf(&text, "%s can start.\n", stack);
    printf("\n%s", ds_text_string(&text));
}

static void print_json(const struct ds_facts *facts, const struct ds_problems *problems)
{
    json_t *fact_list = json_array(), *problem_list = json_array();
    for (size_t i = 0; i < facts->count; i++)
        json_array_append_new(fact_list,
                              json_pack("{s:b, s:s, s:s, s:s?}", "good", facts->items[i].good,
                                        "subject", facts->items[i].subject, "message",
                                        facts->items[i].message, "fix", facts->items[i].fix));
    for (size_t i = 0; i < problems->count; i++)
        json_array_append_new(
            problem_list, json_pack("{s:i, s:s, s:s, s:s?}", "code", (int)problems->items[i].code,
                                    "subject", problems->items[i].subject, "message",
                                    problems->items[i].message, "fix", problems->items[i].fix));
    json_t *answer = json_pack("{s:o, s:o}", "facts", fact_list, "problems", problem_list);
    char *text = json_dumps(answer, JSON_INDENT(2));
    puts(text);
    free(text);
    json_decref(answer);
}

/* Outside a project the machine alone is looked at. */
static bool has_project(const struct context *context)
{
    ds_auto_error struct ds_error err = {0};
    ds_auto_free char *file = project_find(context, &err);
    return file || context_has(context, FLAG_FILE);
}

int cmd_doctor(struct context *context)
{
    struct ds_facts facts = {0};
    struct ds_problems problems = {0};
    struct project project = {0};
    ds_machine_inspect(&context->shell, &facts);
    add_keyring(&facts);
    bool json = context_has(context, FLAG_JSON);
    if (!json)
        print_facts(&facts, &context->terminal);
    fflush(stdout);
    int code = has_project(context) ? project_open(context, &project) : DS_OK;
    if (code == DS_OK && project.manifest) {
        struct ds_strings all = {0};
        struct ds_preflight preflight = {
            .manifest = project.manifest,
            .identity = &project.identity,
            .shell = &context->shell,
            .services = &all,
            /* A stack that runs has its ports itself. */
            .auto_ports = ds_lease_is_held(&project.identity, NULL),
        };
        ds_preflight_run(&preflight, &problems);
        code = problems.count ? (int)problems.items[0].code : DS_OK;
        if (!json)
            print_problems(&problems, project.manifest->name, &context->terminal);
    }
    if (json)
        print_json(&facts, &problems);
    ds_problems_finish(&problems);
    ds_facts_finish(&facts);
    project_finish(&project);
    return code;
}
