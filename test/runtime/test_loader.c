// SPDX-License-Identifier: Apache-2.0
// The loader against the .beam files of an installed OTP: all of them must
// load, and no damage to one may do more than fail.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <glob.h>

#include "code_module.h"
#include "memory.h"
#include "node.h"

#define FILES "/usr/lib/erlang/lib/*/ebin/*.beam"

enum { MUTANTS = 40, DAMAGED_EACH = 25, WHY_SIZE = 200 };

typedef struct {
    uint8_t *bytes;
    size_t size;
} File;

static File read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    File file = {NULL, (size_t)ftell(f)};
    rewind(f);
    file.bytes = memory_alloc(file.size + 1);
    assert_int_equal(fread(file.bytes, 1, file.size, f), file.size);
    fclose(f);
    return file;
}

static bool loads(Node *node, const File *f, char *why)
{
    Code *code = code_prepare(node, TERM_NONE, f->bytes, f->size, why,
                              WHY_SIZE);
    if (code != NULL) code_free(node, code);
    return code != NULL;
}

static Node *new_node(void)
{
    NodeOptions options = {.schedulers = 1};
    return node_new(&options);
}

static void test_all_load(void **state)
{
    glob_t found;
    char why[WHY_SIZE];
    size_t bad = 0;
    if (glob(FILES, 0, NULL, &found) != 0) skip();
    Node *node = new_node();
    for (size_t i = 0; i < found.gl_pathc; i++) {
        File f = read_file(found.gl_pathv[i]);
        if (!loads(node, &f, why)) {
            print_message("%s: %s\n", found.gl_pathv[i], why);
            bad++;
        }
        free(f.bytes);
    }
    globfree(&found);
    node_free(node);
    assert_int_equal(bad, 0);
}

// A generator of its own, so that a failure comes back.
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void damage(Node *node, const File *f, uint32_t *seed)
{
    char why[WHY_SIZE];
    File copy = {memory_alloc(f->size), f->size};
    for (int i = 0; i < MUTANTS; i++) {
        memcpy(copy.bytes, f->bytes, f->size);
        copy.size = f->size;
        if (i % 4 == 0) {
            copy.size = next_random(seed) % f->size;
        } else {
            unsigned changes = 1 + next_random(seed) % 8;
            while (changes-- > 0)
                copy.bytes[next_random(seed) % f->size] =
                    (uint8_t)next_random(seed);
        }
        loads(node, &copy, why);
    }
    free(copy.bytes);
}

static void test_damaged(void **state)
{
    glob_t found;
    uint32_t seed = 1;
    if (glob(FILES, 0, NULL, &found) != 0) skip();
    Node *node = new_node();
    for (size_t i = 0; i < found.gl_pathc; i += DAMAGED_EACH) {
        File f = read_file(found.gl_pathv[i]);
        damage(node, &f, &seed);
        free(f.bytes);
    }
    globfree(&found);
    node_free(node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_load),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
