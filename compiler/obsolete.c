// SPDX-License-Identifier: Apache-2.0
// Obsolete: functions and types of Erlang/OTP 25 that are deprecated or gone,
// with the words of the -deprecated and -removed attributes of their modules.
// The first row that fits is meant; rows without a name are for what is left.
//
// The words are facts of OTP's sources (otp_internal, which is made of these
// attributes when OTP is built): texts are told to the letter, so they have to
// be the same here. Whoever takes a later OTP for the reference makes the table
// anew from its attributes; nothing else depends on it.
//
// Rows: module, name (NULL: any), arity (-1: any), whether it is gone, what to
// use instead, and the release it will go with, if that is known.
#include "obsolete.h"

// Deprecated functions by name, then removed ones, then those of any arity,
// then whole modules: the order that makes the first row that fits the right
// one.
static const Obsolete functions[] = {
    {"auth", "cookie", 0, false,
     "use erlang:get_cookie/0 instead", NULL},
    {"auth", "cookie", 1, false,
     "use erlang:set_cookie/2 instead", NULL},
    {"auth", "is_auth", 1, false,
     "use net_adm:ping/1 instead", NULL},
    {"calendar", "local_time_to_universal_time", 1, false,
     "use calendar:local_time_to_universal_time_dst/1 instead", NULL},
    {"code", "is_module_native", 1, false,
     "HiPE has been removed", "OTP 26"},
    {"code", "rehash", 0, false,
     "the code path cache feature has been removed", "OTP 26"},
    {"crypto", "crypto_dyn_iv_init", 3, false,
     "see the documentation for details", "OTP 27"},
    {"crypto", "crypto_dyn_iv_update", 3, false,
     "see the documentation for details", "OTP 27"},
    {"crypto", "rand_uniform", 2, false,
     "use rand:uniform/1 instead", NULL},
    {"disk_log", "accessible_logs", 0, false,
     "use disk_log:all/0 instead", "OTP 26"},
    {"disk_log", "lclose", 1, false,
     "use disk_log:close/1 instead", "OTP 26"},
    {"disk_log", "lclose", 2, false,
     "use disk_log:close/1 instead", "OTP 26"},
    {"erlang", "now", 0, false,
     "see the \"Time and Time Correction in Erlang\" chapter of the "
     "ERTS User's Guide for more information", NULL},
    {"erlang", "phash", 2, false,
     "use erlang:phash2/2 instead", NULL},
    {"ftp", "start_service", 1, false,
     "use ftp:open/2 instead", "OTP 26"},
    {"ftp", "stop_service", 1, false,
     "use ftp:close/1 instead", "OTP 26"},
    {"http_uri", "decode", 1, false,
     "use uri_string:unquote function instead", "OTP 26"},
    {"http_uri", "encode", 1, false,
     "use uri_string:quote function instead", "OTP 26"},
    {"httpd", "parse_query", 1, false,
     "use uri_string:dissect_query/1 instead", NULL},
    {"httpd_util", "decode_hex", 1, false,
     "use uri_string:unquote function instead", "OTP 26"},
    {"httpd_util", "encode_hex", 1, false,
     "use uri_string:quote function instead", "OTP 26"},
    {"httpd_util", "flatlength", 1, false,
     "use erlang:iolist_size/1 instead", "OTP 26"},
    {"httpd_util", "hexlist_to_integer", 1, false,
     "use erlang:list_to_integer/2 with base 16 instead", "OTP 26"},
    {"httpd_util", "integer_to_hexlist", 1, false,
     "use erlang:integer_to_list/2 with base 16 instead", "OTP 26"},
    {"httpd_util", "strip", 1, false,
     "use string:trim/1 instead", "OTP 26"},
    {"httpd_util", "suffix", 1, false,
     "use filename:extension/1 and string:trim/2 instead", "OTP 26"},
    {"net", "broadcast", 3, false,
     "use rpc:eval_everywhere/3 instead", NULL},
    {"net", "call", 4, false,
     "use rpc:call/4 instead", NULL},
    {"net", "cast", 4, false,
     "use rpc:cast/4 instead", NULL},
    {"net", "ping", 1, false,
     "use net_adm:ping/1 instead", NULL},
    {"net", "sleep", 1, false,
     "use 'receive after T -> ok end' instead", NULL},
    {"queue", "lait", 1, false,
     "use queue:liat/1 instead", NULL},
    {"sys", "get_debug", 3, false,
     "incorrectly documented and only for internal use. Can often be "
     "replaced with sys:get_log/1", NULL},
    {"wxCalendarCtrl", "enableYearChange", 1, false,
     "not available in wxWidgets-2.9 and later", NULL},
    {"wxCalendarCtrl", "enableYearChange", 2, false,
     "not available in wxWidgets-2.9 and later", NULL},
    {"zlib", "adler32", 2, false,
     "use erlang:adler32/1 instead", "OTP 27"},
    {"zlib", "adler32", 3, false,
     "use erlang:adler32/2 instead", "OTP 27"},
    {"zlib", "adler32_combine", 4, false,
     "use erlang:adler_combine/3 instead", "OTP 27"},
    {"zlib", "crc32", 1, false,
     "use erlang:crc32/1 on the uncompressed data instead", "OTP 27"},
    {"zlib", "crc32", 2, false,
     "use erlang:crc32/1 instead", "OTP 27"},
    {"zlib", "crc32", 3, false,
     "use erlang:crc32/2 instead", "OTP 27"},
    {"zlib", "crc32_combine", 4, false,
     "use erlang:crc32_combine/3 instead", "OTP 27"},
    {"zlib", "getBufSize", 1, false,
     "this function will be removed in a future release", "OTP 27"},
    {"zlib", "inflateChunk", 1, false,
     "use safeInflate/2 instead", "OTP 27"},
    {"zlib", "inflateChunk", 2, false,
     "use safeInflate/2 instead", "OTP 27"},
    {"zlib", "setBufSize", 2, false,
     "this function will be removed in a future release", "OTP 27"},
    {"core_lib", "get_anno", 1, true,
     "use cerl:get_ann/1 instead", NULL},
    {"core_lib", "is_literal", 1, true,
     "use cerl:is_literal/1 instead", NULL},
    {"core_lib", "is_literal_list", 1, true,
     "use cerl:is_literal_list/1 instead", NULL},
    {"core_lib", "literal_value", 1, true,
     "use cerl:concrete/1 instead", NULL},
    {"core_lib", "set_anno", 2, true,
     "use cerl:set_ann/2 instead", NULL},
    {"crypto", "block_decrypt", 3, true,
     "use crypto:crypto_one_time/4 or crypto:crypto_init/3 + "
     "crypto:crypto_update/2 + crypto:crypto_final/1 instead", NULL},
    {"crypto", "block_decrypt", 4, true,
     "use crypto:crypto_one_time/5, crypto:crypto_one_time_aead/6,7 or "
     "crypto:crypto_(dyn_iv)?_init + crypto:crypto_(dyn_iv)?_update + "
     "crypto:crypto_final instead", NULL},
    {"crypto", "block_encrypt", 3, true,
     "use crypto:crypto_one_time/4 or crypto:crypto_init/3 + "
     "crypto:crypto_update/2 + crypto:crypto_final/1 instead", NULL},
    {"crypto", "block_encrypt", 4, true,
     "use crypto:crypto_one_time/5, crypto:crypto_one_time_aead/6,7 or "
     "crypto:crypto_(dyn_iv)?_init + crypto:crypto_(dyn_iv)?_update + "
     "crypto:crypto_final instead", NULL},
    {"crypto", "cmac", 3, true,
     "use crypto:mac/4 instead", NULL},
    {"crypto", "cmac", 4, true,
     "use crypto:macN/5 instead", NULL},
    {"crypto", "hmac", 3, true,
     "use crypto:mac/4 instead", NULL},
    {"crypto", "hmac", 4, true,
     "use crypto:macN/5 instead", NULL},
    {"crypto", "hmac_final", 1, true,
     "use crypto:mac_final/1 instead", NULL},
    {"crypto", "hmac_final_n", 2, true,
     "use crypto:mac_finalN/2 instead", NULL},
    {"crypto", "hmac_init", 2, true,
     "use crypto:mac_init/3 instead", NULL},
    {"crypto", "hmac_update", 2, true,
     "use crypto:mac_update/2 instead", NULL},
    {"crypto", "poly1305", 2, true,
     "use crypto:mac/3 instead", NULL},
    {"crypto", "stream_decrypt", 2, true,
     "use crypto:crypto_update/2 instead", NULL},
    {"crypto", "stream_encrypt", 2, true,
     "use crypto:crypto_update/2 instead", NULL},
    {"erl_lint", "modify_line", 2, true,
     "use erl_parse:map_anno/2 instead", NULL},
    {"erl_parse", "get_attribute", 2, true,
     "erl_anno:{column,line,location,text}/1 instead", NULL},
    {"erl_parse", "get_attributes", 1, true,
     "erl_anno:{column,line,location,text}/1 instead", NULL},
    {"erl_parse", "set_line", 2, true,
     "use erl_anno:set_line/2", NULL},
    {"erl_scan", "set_attribute", 3, true,
     "use erl_anno:set_line/2 instead", NULL},
    {"erlang", "get_stacktrace", 0, true,
     "use the new try/catch syntax for retrieving the stack backtrace", NULL},
    {"erlang", "hash", 2, true,
     "use erlang:phash2/2 instead", NULL},
    {"filename", "safe_relative_path", 1, true,
     "use filelib:safe_relative_path/2 instead", NULL},
    {"http_uri", "parse", 1, true,
     "use uri_string functions instead", NULL},
    {"http_uri", "parse", 2, true,
     "use uri_string functions instead", NULL},
    {"http_uri", "scheme_defaults", 0, true,
     "use uri_string functions instead", NULL},
    {"httpd_conf", "check_enum", 2, true,
     "use lists:member/2 instead", NULL},
    {"httpd_conf", "clean", 1, true,
     "use string:strip/1 instead or possibly the re module", NULL},
    {"httpd_conf", "custom_clean", 3, true,
     "use string:strip/1 instead or possibly the re module", NULL},
    {"httpd_conf", "is_directory", 1, true,
     "use filelib:is_dir/1 instead", NULL},
    {"httpd_conf", "is_file", 1, true,
     "use filelib:is_file/1 instead", NULL},
    {"httpd_conf", "make_integer", 1, true,
     "use erlang:list_to_integer/1 instead", NULL},
    {"net", "relay", 1, true,
     "use fun Relay(Pid) -> receive X -> Pid ! X end, Relay(Pid) instead",
     NULL},
    {"public_key", "ssh_decode", 2, true,
     "use ssh_file:decode/2 instead", NULL},
    {"public_key", "ssh_encode", 2, true,
     "use ssh_file:encode/2 instead", NULL},
    {"public_key", "ssh_hostkey_fingerprint", 1, true,
     "use ssh:hostkey_fingerprint/1 instead", NULL},
    {"public_key", "ssh_hostkey_fingerprint", 2, true,
     "use ssh:hostkey_fingerprint/2 instead", NULL},
    {"rpc", "safe_multi_server_call", 2, true,
     "use rpc:multi_server_call/2 instead", NULL},
    {"rpc", "safe_multi_server_call", 3, true,
     "use rpc:multi_server_call/3 instead", NULL},
    {"ssl", "cipher_suites", 0, true,
     "use cipher_suites/2,3 instead", NULL},
    {"ssl", "cipher_suites", 1, true,
     "use cipher_suites/2,3 instead", NULL},
    {"ssl", "connection_info", 1, true,
     "use ssl:connection_information/[1,2] instead", NULL},
    {"ssl", "negotiated_next_protocol", 1, true,
     "use ssl:negotiated_protocol/1 instead", NULL},
    {"auth", "node_cookie", -1, false,
     "use erlang:set_cookie/2 and net_adm:ping/1 instead", NULL},
    {"asn1ct", "decode", -1, true,
     "use Mod:decode/2 instead", NULL},
    {"asn1ct", "encode", -1, true,
     "use Mod:encode/2 instead", NULL},
    {"crypto", "next_iv", -1, true,
     "see the 'New and Old API' chapter of the CRYPTO User's guide", NULL},
    {"crypto", "stream_init", -1, true,
     "use crypto:crypto_init/3 + crypto:crypto_update/2 + "
     "crypto:crypto_final/1 or crypto:crypto_one_time/4 instead", NULL},
    {"erl_scan", "attributes_info", -1, true,
     "use erl_anno:{column,line,location,text}/1 instead", NULL},
    {"erl_scan", "token_info", -1, true,
     "use erl_scan:{category,column,line,location,symbol,text}/1 instead",
     NULL},
    {"filename", "find_src", -1, true,
     "use filelib:find_source/1,3 instead", NULL},
    {"ssl", "ssl_accept", -1, true,
     "use ssl_handshake/1,2,3 instead", NULL},
    {"ct_slave", NULL, -1, false,
     "use ?CT_PEER(), or the 'peer' module instead", "OTP 27"},
    {"erts_alloc_config", NULL, -1, false,
     "this module will be removed in OTP 26.0. See the documentation "
     "for details", "OTP 26"},
    {"gen_fsm", NULL, -1, false,
     "use the 'gen_statem' module instead", NULL},
    {"random", NULL, -1, false,
     "use the 'rand' module instead", NULL},
    {"slave", NULL, -1, false,
     "use the 'peer' module instead", "OTP 27"},
    {"os_mon_mib", NULL, -1, true,
     "this module was removed in OTP 22.0", NULL},
    {"pg2", NULL, -1, true,
     "this module was removed in OTP 24. Use 'pg' instead", NULL},
};

// Types have no -deprecated; all of these are gone.
static const Obsolete types[] = {
    {"crypto", "hmac_state", 0, true,
     "see the 'New and Old API' chapter of the CRYPTO User's guide", NULL},
    {"crypto", "retired_cbc_cipher_aliases", 0, true,
     "Use aes_*_cbc or des_ede3_cbc", NULL},
    {"crypto", "retired_cfb_cipher_aliases", 0, true,
     "Use aes_*_cfb8, aes_*_cfb128 or des_ede3_cfb", NULL},
    {"crypto", "retired_ctr_cipher_aliases", 0, true,
     "Use aes_*_ctr", NULL},
    {"crypto", "retired_ecb_cipher_aliases", 0, true,
     "Use aes_*_ecb", NULL},
    {"crypto", "stream_state", 0, true,
     "see the 'New and Old API' chapter of the CRYPTO User's guide", NULL},
    {"erl_scan", "column", 0, true,
     "use erl_anno:column() instead", NULL},
    {"erl_scan", "line", 0, true,
     "use erl_anno:line() instead", NULL},
    {"erl_scan", "location", 0, true,
     "use erl_anno:location() instead", NULL},
    {"http_uri", "default_scheme_port_number", 0, true,
     "use uri_string instead", NULL},
    {"http_uri", "fragment", 0, true,
     "use uri_string instead", NULL},
    {"http_uri", "host", 0, true,
     "use uri_string instead", NULL},
    {"http_uri", "path", 0, true,
     "use uri_string instead", NULL},
    {"http_uri", "query", 0, true,
     "use uri_string instead", NULL},
    {"http_uri", "scheme", 0, true,
     "use uri_string instead", NULL},
    {"http_uri", "user_info", 0, true,
     "use uri_string instead", NULL},
};

// Linear, but nearly all rows are passed by one character: few modules share
// their first letter with the one that is called.
static const Obsolete *find(const Obsolete *rows, size_t n,
                            const char *const words[2], size_t arity)
{
    for (size_t i = 0; i < n; i++) {
        const Obsolete *o = &rows[i];
        // Asked for each remote call: the first letter mostly decides.
        if (o->module[0] != words[0][0] || strcmp(o->module, words[0]) != 0)
            continue;
        if (o->name != NULL && strcmp(o->name, words[1]) != 0) continue;
        // Rows for a whole name or module hold for each arity.
        if (o->arity < 0 || (size_t)o->arity == arity) return o;
    }
    return NULL;
}

// By text, as the table cannot name atoms of a node.
const Obsolete *obsolete_find(const AtomTable *atoms, ObsoleteKind kind,
                              Term module, Term name, size_t arity)
{
    const char *const words[] = {atom_text(atoms, module)->bytes,
                                 atom_text(atoms, name)->bytes};
    if (kind == OBSOLETE_TYPE)
        return find(types, sizeof types / sizeof *types, words, arity);
    return find(functions, sizeof functions / sizeof *functions, words, arity);
}

static Term text(Heap *h, const char *s)
{
    return heap_string(h, s, strlen(s), TERM_NIL);
}

// {Tag, What, Text} or {Tag, What, Text, Release}, without What when the caller
// has it in another place; on [h].
Term obsolete_tuple(Heap *h, const Obsolete *o, Term what)
{
    Term parts[4], *end = parts;
    *end++ = o->removed ? ATOM_removed : ATOM_deprecated;
    if (!term_is_none(what)) *end++ = what;
    *end++ = text(h, o->text);
    if (o->release != NULL) *end++ = text(h, o->release);
    return heap_tuple(h, (size_t)(end - parts), parts);
}
