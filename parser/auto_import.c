// SPDX-License-Identifier: Apache-2.0
// The functions of module erlang that need no module name.
#include "auto_import.h"

#include <stdlib.h>
#include <string.h>

// Bit n of a set: the function of arity n.
typedef struct {
    const char *name;
    uint8_t arities, guards;
} Row;

// Sorted by name.
static const Row ROWS[] = {
    {"abs", 0x02, 0x02},
    {"alias", 0x03, 0x00},
    {"apply", 0x0c, 0x00},
    {"atom_to_binary", 0x06, 0x00},
    {"atom_to_list", 0x02, 0x00},
    {"binary_part", 0x0c, 0x0c},
    {"binary_to_atom", 0x06, 0x00},
    {"binary_to_existing_atom", 0x06, 0x00},
    {"binary_to_float", 0x02, 0x00},
    {"binary_to_integer", 0x06, 0x00},
    {"binary_to_list", 0x0a, 0x00},
    {"binary_to_term", 0x06, 0x00},
    {"bit_size", 0x02, 0x02},
    {"bitstring_to_list", 0x02, 0x00},
    {"byte_size", 0x02, 0x02},
    {"ceil", 0x02, 0x02},
    {"check_old_code", 0x02, 0x00},
    {"check_process_code", 0x0c, 0x00},
    {"date", 0x01, 0x00},
    {"delete_module", 0x02, 0x00},
    {"demonitor", 0x06, 0x00},
    {"disconnect_node", 0x02, 0x00},
    {"element", 0x04, 0x04},
    {"erase", 0x03, 0x00},
    {"error", 0x0e, 0x00},
    {"exit", 0x06, 0x00},
    {"float", 0x02, 0x02},
    {"float_to_binary", 0x06, 0x00},
    {"float_to_list", 0x06, 0x00},
    {"floor", 0x02, 0x02},
    {"garbage_collect", 0x07, 0x00},
    {"get", 0x03, 0x00},
    {"get_keys", 0x03, 0x00},
    {"group_leader", 0x05, 0x00},
    {"halt", 0x07, 0x00},
    {"hd", 0x02, 0x02},
    {"integer_to_binary", 0x06, 0x00},
    {"integer_to_list", 0x06, 0x00},
    {"iolist_size", 0x02, 0x00},
    {"iolist_to_binary", 0x02, 0x00},
    {"is_alive", 0x01, 0x00},
    {"is_atom", 0x02, 0x02},
    {"is_binary", 0x02, 0x02},
    {"is_bitstring", 0x02, 0x02},
    {"is_boolean", 0x02, 0x02},
    {"is_float", 0x02, 0x02},
    {"is_function", 0x06, 0x06},
    {"is_integer", 0x02, 0x02},
    {"is_list", 0x02, 0x02},
    {"is_map", 0x02, 0x02},
    {"is_map_key", 0x04, 0x04},
    {"is_number", 0x02, 0x02},
    {"is_pid", 0x02, 0x02},
    {"is_port", 0x02, 0x02},
    {"is_process_alive", 0x02, 0x00},
    {"is_record", 0x0c, 0x0c},
    {"is_reference", 0x02, 0x02},
    {"is_tuple", 0x02, 0x02},
    {"length", 0x02, 0x02},
    {"link", 0x02, 0x00},
    {"list_to_atom", 0x02, 0x00},
    {"list_to_binary", 0x02, 0x00},
    {"list_to_bitstring", 0x02, 0x00},
    {"list_to_existing_atom", 0x02, 0x00},
    {"list_to_float", 0x02, 0x00},
    {"list_to_integer", 0x06, 0x00},
    {"list_to_pid", 0x02, 0x00},
    {"list_to_port", 0x02, 0x00},
    {"list_to_ref", 0x02, 0x00},
    {"list_to_tuple", 0x02, 0x00},
    {"load_module", 0x04, 0x00},
    {"make_ref", 0x01, 0x00},
    {"map_get", 0x04, 0x04},
    {"map_size", 0x02, 0x02},
    {"max", 0x04, 0x00},
    {"min", 0x04, 0x00},
    {"module_loaded", 0x02, 0x00},
    {"monitor", 0x0c, 0x00},
    {"monitor_node", 0x04, 0x00},
    {"node", 0x03, 0x03},
    {"nodes", 0x07, 0x00},
    {"now", 0x01, 0x00},
    {"open_port", 0x04, 0x00},
    {"pid_to_list", 0x02, 0x00},
    {"port_close", 0x02, 0x00},
    {"port_command", 0x0c, 0x00},
    {"port_connect", 0x04, 0x00},
    {"port_control", 0x08, 0x00},
    {"port_to_list", 0x02, 0x00},
    {"pre_loaded", 0x01, 0x00},
    {"process_flag", 0x0c, 0x00},
    {"process_info", 0x06, 0x00},
    {"processes", 0x01, 0x00},
    {"purge_module", 0x02, 0x00},
    {"put", 0x04, 0x00},
    {"ref_to_list", 0x02, 0x00},
    {"register", 0x04, 0x00},
    {"registered", 0x01, 0x00},
    {"round", 0x02, 0x02},
    {"self", 0x01, 0x01},
    {"setelement", 0x08, 0x00},
    {"size", 0x02, 0x02},
    {"spawn", 0x1e, 0x00},
    {"spawn_link", 0x1e, 0x00},
    {"spawn_monitor", 0x1e, 0x00},
    {"spawn_opt", 0x3c, 0x00},
    {"spawn_request", 0x3e, 0x00},
    {"spawn_request_abandon", 0x02, 0x00},
    {"split_binary", 0x04, 0x00},
    {"statistics", 0x02, 0x00},
    {"term_to_binary", 0x06, 0x00},
    {"term_to_iovec", 0x06, 0x00},
    {"throw", 0x02, 0x00},
    {"time", 0x01, 0x00},
    {"tl", 0x02, 0x02},
    {"trunc", 0x02, 0x02},
    {"tuple_size", 0x02, 0x02},
    {"tuple_to_list", 0x02, 0x00},
    {"unalias", 0x02, 0x00},
    {"unlink", 0x02, 0x00},
    {"unregister", 0x02, 0x00},
    {"whereis", 0x02, 0x00},
};

static int compare_rows(const void *a, const void *b)
{
    return strcmp(((const Row *)a)->name, ((const Row *)b)->name);
}

static const Row *find_row(const AtomTable *atoms, Term name)
{
    Row key = {.name = atom_text(atoms, name)->bytes};
    return bsearch(&key, ROWS, sizeof ROWS / sizeof ROWS[0], sizeof ROWS[0],
                   compare_rows);
}

bool auto_import_has(const AtomTable *atoms, Term name, size_t arity)
{
    const Row *row = find_row(atoms, name);
    return row != NULL && arity < 8 && (row->arities >> arity & 1) != 0;
}

bool auto_import_has_guard(const AtomTable *atoms, Term name, size_t arity)
{
    const Row *row = find_row(atoms, name);
    return row != NULL && arity < 8 && (row->guards >> arity & 1) != 0;
}
