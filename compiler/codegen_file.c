// SPDX-License-Identifier: Apache-2.0
// codegen-file FORMS BEAM ...: compiles files of {Forms, Options} in the
// external term format to .beam files.
//
// For tests: forms that OTP's parser has made are compiled without the house's
// own, so that what is different is the code alone. Ends with 1 if any file
// failed.
#include <stdio.h>
#include <stdlib.h>

#include "codegen.h"
#include "external.h"
#include "memory.h"
#include "print.h"

// The bytes are of malloc; a file that cannot be read ends the program.
static uint8_t *read_file(const char *name, size_t *size)
{
    FILE *f = fopen(name, "rb");
    if (f == NULL) {
        perror(name);
        exit(1);
    }
    fseek(f, 0, SEEK_END);
    *size = (size_t)ftell(f);
    rewind(f);
    uint8_t *bytes = memory_alloc(*size + 1);
    if (fread(bytes, 1, *size, f) != *size) exit(1);
    fclose(f);
    return bytes;
}

// A .beam file is written only when all went well.
static bool compile(Node *node, const char *in, const char *out)
{
    Heap heap;
    size_t size;
    uint8_t *bytes = read_file(in, &size);
    heap_init(&heap);
    Term t = external_decode(node, &heap, bytes, size, NULL, NULL);
    if (!term_is_tuple_of(t, 2)) {
        fprintf(stderr, "%s: no forms\n", in);
        return false;
    }
    CodegenResult r = codegen_module(node, &heap, term_tuple_get(t, 0),
                                     term_tuple_get(t, 1), TERM_NIL);
    bool good = r.beam != NULL;
    if (good) {
        FILE *f = fopen(out, "wb");
        good = f != NULL && fwrite(r.beam, 1, r.size, f) == r.size;
        if (f != NULL) fclose(f);
    } else {
        fprintf(stderr, "%s: failed\n", in);
    }
    free(r.beam);
    free(bytes);
    heap_free(&heap);
    return good;
}

// Arguments come in pairs; a last one alone is passed over.
int main(int argc, char **argv)
{
    Node node = {.atoms = atom_table_new(ATOM_LIMIT_DEFAULT)};
    int failed = 0;
    for (int i = 1; i + 1 < argc; i += 2)
        failed |= !compile(&node, argv[i], argv[i + 1]);
    return failed;
}
