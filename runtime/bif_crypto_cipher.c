// SPDX-License-Identifier: Apache-2.0
// crypto: ciphers that make no tags, in one call or in parts. A state is
// changed by its updates, under its lock.
#include <limits.h>
#include <stdlib.h>

#include "buffer.h"
#include "crypto_algorithm.h"
#include "crypto_argument.h"
#include "crypto_state.h"
#include "magic.h"
#include "map.h"
#include "memory.h"
#include "print.h"
#include "runtime_bifs.gen.h"

enum {
    SMALL_OUTPUT = 256,    // bytes that are made on the stack
    ENCRYPT_AS_IS = -1,    // what libcrypto starts with
    OPTION_TEXT_MOST = 63, // bytes of the message about an unknown option
    PADDING_ROOM = 2 * EVP_MAX_BLOCK_LENGTH
};

// A cipher at work.
typedef struct {
    EVP_CIPHER_CTX *context;
    Term padding;    // option {padding, _}: none, zero ...; undefined without
    int encrypt;     // 1: encrypts, 0: decrypts, or ENCRYPT_AS_IS
    int padded_size; // bytes that were added at the end; -1 before that
    unsigned size;   // bytes that were given
} Cipher;

// OTP's file for ciphers of the newer interface, which is the only one.
static Term bad(Process *p, int argument, int line, const char *text)
{
    return crypto_badarg(p, argument, "api_ng.c", line, text);
}

// No argument's fault, so none is shown.
static Term failed(Process *p, int line, const char *text)
{
    return crypto_failed(p, "api_ng.c", line, text);
}

// ---- options ----

// Raises "Bad tag in option: TAG", cut as OTP cuts it.
static bool refuse_option(Process *p, int argument, Term tag)
{
    Buffer text;
    buffer_init(&text);
    buffer_add(&text, "Bad tag in option: ", 19);
    PrintOptions o;
    print_options_init(&o);
    print_write(p->node, &text, tag, &o);
    buffer_add_byte(&text, 0);
    if (text.size > OPTION_TEXT_MOST) text.bytes[OPTION_TEXT_MOST] = 0;
    bad(p, argument, 174, (const char *)text.bytes);
    buffer_free(&text);
    return false;
}

// zero and random are OTP's own: libcrypto knows only "none" and its PKCS one.
static bool is_padding(Term t)
{
    return term_same(t, ATOM_none) || term_same(t, ATOM_zero)
           || term_same(t, ATOM_random) || term_same(t, ATOM_pkcs_padding)
           || term_same(t, ATOM_undefined);
}

// The value of encrypt; false when it is none.
static bool get_encrypt(Term t, int *encrypt)
{
    if (term_same(t, ATOM_true))
        *encrypt = 1;
    else if (term_same(t, ATOM_false))
        *encrypt = 0;
    else if (term_same(t, ATOM_undefined))
        *encrypt = ENCRYPT_AS_IS;
    else
        return false;
    return true;
}

// One option; [seen] has a bit for each that was there.
static bool get_option(Process *p, Term option, int argument, Cipher *cipher,
                       unsigned *seen)
{
    enum { SEEN_ENCRYPT = 1, SEEN_PADDING = 2 };
    int line = 139;
    const char *text = "Options must be a property list!";
    if (term_is_tuple_of(option, 2)) {
        Term tag = term_tuple_get(option, 0), value = term_tuple_get(option, 1);
        if (term_same(tag, ATOM_encrypt)) {
            bool twice = *seen & SEEN_ENCRYPT;
            *seen |= SEEN_ENCRYPT;
            if (!twice && get_encrypt(value, &cipher->encrypt)) return true;
            line = twice ? 144 : 152;
            text = twice ? "'encrypt' option is present more than once!"
                         : "The 'encrypt' option must be a boolean!";
        } else if (term_same(tag, ATOM_padding)) {
            bool twice = *seen & SEEN_PADDING;
            *seen |= SEEN_PADDING;
            cipher->padding = value;
            if (!twice && is_padding(value)) return true;
            line = twice ? 157 : 168;
            text = twice ? "The 'padding' option is present more than once!"
                         : "Bad 'padding' option value";
        } else {
            return refuse_option(p, argument, tag);
        }
    }
    bad(p, argument, line, text);
    return false;
}

// [t]: whether to encrypt, or a list of options.
static bool get_options(Process *p, Term t, int argument, Cipher *cipher)
{
    cipher->padding = ATOM_undefined;
    cipher->encrypt = 1;
    if (get_encrypt(t, &cipher->encrypt)) return true;
    if (term_list_length(t) < 0) {
        bad(p, argument, 120, "Options are not a boolean or a proper list");
        return false;
    }
    unsigned seen = 0;
    for (; term_is_cons(t); t = term_tail(t))
        if (!get_option(p, term_head(t), argument, cipher, &seen)) return false;
    return true;
}

// ---- starting ----

// The cipher that [name] and [key] stand for; NULL, and an error raised, when
// there is none.
static EVP_CIPHER *get_cipher(Process *p, Term name, const CryptoBytes *key)
{
    const CryptoCipher *found = crypto_cipher(name);
    EVP_CIPHER *e = NULL;
    if (!term_is_atom(name))
        bad(p, 0, 235, "Cipher id is not an atom");
    else if (found == NULL)
        bad(p, 0, 242, "Unknown cipher");
    else if (found->key_size != 0 && found->key_size != key->size)
        bad(p, 1, 244, "Bad key size");
    else if (found->aead)
        bad(p, 0, 250, "Missing arguments for this cipher");
    else if ((e = crypto_cipher_fetch(crypto_library(p->node), found)) == NULL)
        crypto_notsup(p, 0, "api_ng.c", 284,
                      "Cipher not supported in this libcrypto version");
    return e;
}

// Gives a new context cipher, key and vector. NULL when libcrypto refuses them.
static Term start_context(Process *p, Cipher *cipher, const EVP_CIPHER *e,
                          const CryptoBytes *key, const CryptoBytes *vector)
{
    const CryptoLibrary *c = crypto_library(p->node);
    EVP_CIPHER_CTX *x = cipher->context = c->EVP_CIPHER_CTX_new();
    bool takes_vector = c->EVP_CIPHER_get_iv_length(e) > 0;
    if (x == NULL) return failed(p, 351, "Can't allocate context");
    if (!c->EVP_CipherInit_ex2(x, e, NULL, NULL, cipher->encrypt, NULL))
        return failed(p, 357, "Can't initialize context, step 1");
    if (!c->EVP_CIPHER_CTX_set_key_length(x, (int)key->size))
        return failed(p, 363, "Can't initialize context, key_length");
    // The size of RC2's key is one thing, that of what it is made to another.
    if (c->EVP_CIPHER_is_a(e, "RC2-CBC")
        && (key->size > INT_MAX / 8
            || !c->EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_SET_RC2_KEY_BITS,
                                       (int)key->size * 8, NULL)))
        return bad(p, 1, 374, "ctrl rc2_cbc key");
    if (!c->EVP_CipherInit_ex2(x, NULL, key->data,
                               takes_vector ? vector->data : NULL,
                               ENCRYPT_AS_IS, NULL))
        return takes_vector ? failed(p, 390, "Can't initialize key or iv")
                            : bad(p, 1, 383, "Can't initialize key");
    if (!term_same(cipher->padding, ATOM_pkcs_padding))
        c->EVP_CIPHER_CTX_set_padding(x, 0);
    return ATOM_ok;
}

// The vector [t] for cipher [e]; one that takes none has any. False, and an
// error raised, when it is bad.
static bool get_vector(Process *p, const EVP_CIPHER *e, Term t,
                       CryptoBytes *vector)
{
    const CryptoLibrary *c = crypto_library(p->node);
    int size = c->EVP_CIPHER_get_iv_length(e);
    if (term_same(t, ATOM_undefined)) {
        // OTP's words: it refuses them with this libcrypto.
        crypto_notsup(p, -1, "api_ng.c", 295,
                      "Dynamic IV is not supported for libcrypto versions"
                      " >= 3.0");
        return false;
    }
    if (size == 0) return true;
    if (!crypto_get_iodata(t, vector)) {
        bad(p, 2, 304, "Bad iv type");
        return false;
    }
    if (vector->size == (size_t)size) return true;
    bad(p, 2, 310, "Bad iv size");
    return false;
}

// Starts with cipher, key and vector of [args] and the options in argument
// [options_at]. False, and an error raised, when one is bad; there may be a
// context all the same.
static bool cipher_begin(Process *p, const Term *args, int options_at,
                         Cipher *cipher)
{
    *cipher = (Cipher){.padded_size = -1};
    if (!get_options(p, args[options_at], options_at, cipher)) return false;
    CryptoBytes key = {0}, vector = {0};
    if (!crypto_get_iodata(args[1], &key)) {
        bad(p, 1, 228, "Bad key");
        return false;
    }
    EVP_CIPHER *e = get_cipher(p, args[0], &key);
    bool good =
        e != NULL && get_vector(p, e, args[2], &vector)
        && !term_same(start_context(p, cipher, e, &key, &vector), TERM_NONE);
    crypto_bytes_free(&key);
    crypto_bytes_free(&vector);
    return good;
}

// ---- going on and ending ----

// Output that is made before its size is known.
typedef struct {
    Term binary;                 // holds [bytes] when they are many
    uint8_t *bytes;              // where to write
    size_t room, size;           // of what may, and what does, stand there
    uint8_t small[SMALL_OUTPUT]; // for few
} Output;

// Few bytes go by the stack: a binary of their own size costs a copy, but keeps
// no room for a block that never came.
static void output_init(Process *p, Output *o, size_t room)
{
    o->room = room;
    o->size = 0;
    o->bytes = o->small;
    if (room > SMALL_OUTPUT)
        o->binary = heap_binary_new(process_heap(p), room, &o->bytes);
}

// Many bytes stay where they are; what was too much is hidden, not cut off.
static Term output_term(Process *p, const Output *o)
{
    Heap *h = process_heap(p);
    if (o->room <= SMALL_OUTPUT) return heap_binary(h, o->bytes, o->size);
    if (o->size == o->room) return o->binary;
    return heap_sub_bits(h, o->binary, 0, o->size * 8);
}

// False, and an error raised, when libcrypto will not.
static bool cipher_update(Process *p, Cipher *cipher, const CryptoBytes *data,
                          Output *o)
{
    int size = 0;
    cipher->size += (unsigned)data->size;
    if (!crypto_library(p->node)->EVP_CipherUpdate(
            cipher->context, o->bytes, &size, data->data, (int)data->size)) {
        failed(p, 476, "Can't update");
        return false;
    }
    o->size += (size_t)size;
    return true;
}

// Fills the last block with zeros or random bytes.
static bool fill_block(Process *p, Cipher *cipher, int missing, Output *o)
{
    const CryptoLibrary *c = crypto_library(p->node);
    uint8_t padding[EVP_MAX_BLOCK_LENGTH] = {0};
    int size = 0;
    if (missing == 0) return true;
    if (term_same(cipher->padding, ATOM_random)
        && c->RAND_bytes(padding, missing) != 1) {
        failed(p, 578, "Can't pad");
        return false;
    }
    if (!c->EVP_CipherUpdate(cipher->context, o->bytes + o->size, &size,
                             padding, missing)) {
        failed(p, 578, "Can't pad");
        return false;
    }
    o->size += (size_t)size;
    return true;
}

// What libcrypto could not end.
static void raise_unfinished(Process *p, const Cipher *cipher)
{
    if (!cipher->encrypt)
        failed(p, 638, "Can't finalize");
    else if (term_same(cipher->padding, ATOM_none))
        failed(p, 610, "Padding 'none' but unfilled last block");
    else if (term_same(cipher->padding, ATOM_pkcs_padding))
        failed(p, 612, "Can't finalize");
    else
        failed(p, 614, "Padding failed");
}

// Without the option padding an unfilled block is dropped, as in OTP.
static bool cipher_finish(Process *p, Cipher *cipher, Output *o)
{
    const CryptoLibrary *c = crypto_library(p->node);
    int block = c->EVP_CIPHER_CTX_get_block_size(cipher->context);
    int rest = (int)(cipher->size % (unsigned)block);
    int missing = rest == 0 ? 0 : block - rest;
    bool pkcs = term_same(cipher->padding, ATOM_pkcs_padding);
    if (cipher->encrypt) {
        bool fills = term_same(cipher->padding, ATOM_zero)
                     || term_same(cipher->padding, ATOM_random);
        if (fills && !fill_block(p, cipher, missing, o)) return false;
        cipher->padded_size = pkcs && missing == 0 ? block : missing;
    }
    if (term_same(cipher->padding, ATOM_undefined)) return true;
    int size = 0;
    if (!c->EVP_CipherFinal_ex(cipher->context, o->bytes + o->size, &size)) {
        raise_unfinished(p, cipher);
        return false;
    }
    o->size += (size_t)size;
    return true;
}

// ng_crypto_one_time_nif(Cipher, Key, Vector, Data, Options)
Term bif_crypto_ng_crypto_one_time_nif_5(Process *p, const Term *args)
{
    CryptoBytes data = {0};
    Cipher cipher = {0};
    Output o;
    Term answer = TERM_NONE;
    if (!crypto_get_iodata(args[3], &data))
        return bad(p, 3, 966, "expected binary as data");
    if (data.size > INT_MAX) {
        bad(p, 3, 969, "too long data");
    } else if (cipher_begin(p, args, 4, &cipher)) {
        output_init(p, &o, data.size + PADDING_ROOM);
        if (cipher_update(p, &cipher, &data, &o)
            && cipher_finish(p, &cipher, &o))
            answer = output_term(p, &o);
    }
    crypto_library(p->node)->EVP_CIPHER_CTX_free(cipher.context);
    bif_bump(p, data.size / CRYPTO_BYTES_A_REDUCTION);
    crypto_bytes_free(&data);
    return answer;
}

// ---- in parts ----

typedef struct {
    CryptoState state; // must be first; its lock guards what follows
    Cipher cipher;
} CipherState;

// Any thread: the last reference may die with a process elsewhere.
static void cipher_destroy(Counted *counted)
{
    CryptoState *s = (CryptoState *)counted;
    s->library->EVP_CIPHER_CTX_free(s->context);
    crypto_state_free(s);
}

// ng_crypto_init_nif(Cipher, Key, Vector, Options)
Term bif_crypto_ng_crypto_init_nif_4(Process *p, const Term *args)
{
    Cipher cipher;
    if (!term_is_atom(args[0]))
        return bad(p, 0, 709, "Expected cipher name atom");
    if (!cipher_begin(p, args, 3, &cipher)) {
        crypto_library(p->node)->EVP_CIPHER_CTX_free(cipher.context);
        return TERM_NONE;
    }
    CipherState *s = memory_alloc(sizeof *s);
    s->cipher = cipher;
    return crypto_state_term(p, &s->state, cipher.context, cipher_destroy);
}

// NULL, and an error raised with OTP's [line], when [t] is none.
static CipherState *get_state(Process *p, Term t, int line)
{
    CipherState *s = (CipherState *)magic_object(t, cipher_destroy);
    if (s == NULL) bad(p, 0, line, "Bad State");
    return s;
}

// The lock is held for all of the data: two processes that share a state get
// their pieces one after the other, as in OTP.
Term bif_crypto_ng_crypto_update_nif_2(Process *p, const Term *args)
{
    CryptoBytes data = {0};
    Output o;
    Term answer = TERM_NONE;
    if (!crypto_get_iodata(args[1], &data))
        return bad(p, 1, 860, "expected binary");
    CipherState *s = get_state(p, args[0], 731);
    if (s != NULL && data.size > INT_MAX) {
        bad(p, 1, 863, "too long data");
    } else if (s != NULL) {
        output_init(p, &o, data.size + PADDING_ROOM);
        pthread_mutex_lock(&s->state.lock);
        if (cipher_update(p, &s->cipher, &data, &o))
            answer = output_term(p, &o);
        pthread_mutex_unlock(&s->state.lock);
    }
    bif_bump(p, data.size / CRYPTO_BYTES_A_REDUCTION);
    crypto_bytes_free(&data);
    return answer;
}

// The same with a vector of its own: not with this libcrypto, says OTP.
Term bif_crypto_ng_crypto_update_nif_3(Process *p, const Term *args)
{
    if (get_state(p, args[0], 731) == NULL) return TERM_NONE;
    return crypto_notsup(p, -1, "api_ng.c", 736,
                         "Dynamic IV is not supported for libcrypto versions"
                         " >= 3.0");
}

// The state is not freed: programs ask it for the size of the padding next.
Term bif_crypto_ng_crypto_final_nif_1(Process *p, const Term *args)
{
    CipherState *s = get_state(p, args[0], 886);
    Output o;
    if (s == NULL) return TERM_NONE;
    output_init(p, &o, PADDING_ROOM);
    pthread_mutex_lock(&s->state.lock);
    bool good = cipher_finish(p, &s->cipher, &o);
    pthread_mutex_unlock(&s->state.lock);
    return good ? output_term(p, &o) : TERM_NONE;
}

// What a state was given and made: for those who ask about the padding.
Term bif_crypto_ng_crypto_get_data_nif_1(Process *p, const Term *args)
{
    CipherState *s = get_state(p, args[0], 992);
    if (s == NULL) return TERM_NONE;
    pthread_mutex_lock(&s->state.lock);
    Cipher cipher = s->cipher;
    pthread_mutex_unlock(&s->state.lock);
    Term pairs[] = {ATOM_encrypt,      cipher.encrypt ? ATOM_true : ATOM_false,
                    ATOM_padding_size, term_small(cipher.padded_size),
                    ATOM_padding_type, cipher.padding,
                    ATOM_size,         term_small((int)cipher.size)};
    return map_from_pairs(process_heap(p), process_atoms(p), 4, pairs);
}

// ---- what there is ----

// libcrypto's number of a mode as OTP's name.
static Term mode_name(int mode)
{
    switch (mode) {
    case EVP_CIPH_ECB_MODE:
        return ATOM_ecb_mode;
    case EVP_CIPH_CBC_MODE:
        return ATOM_cbc_mode;
    case EVP_CIPH_CFB_MODE:
        return ATOM_cfb_mode;
    case EVP_CIPH_OFB_MODE:
        return ATOM_ofb_mode;
    case EVP_CIPH_CTR_MODE:
        return ATOM_ctr_mode;
    case EVP_CIPH_GCM_MODE:
        return ATOM_gcm_mode;
    case EVP_CIPH_CCM_MODE:
        return ATOM_ccm_mode;
    case EVP_CIPH_STREAM_CIPHER:
        return ATOM_stream_cipher;
    default:
        return ATOM_undefined; // no other is in the table
    }
}

// type is the number of what has one in ASN.1, else undefined.
Term bif_crypto_cipher_info_nif_1(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    const CryptoCipher *cipher = crypto_cipher(args[0]);
    if (cipher == NULL) return bif_error(p, ATOM_badarg);
    EVP_CIPHER *e = crypto_cipher_fetch(c, cipher);
    if (e == NULL) return bif_error(p, ATOM_notsup);
    int number = c->EVP_CIPHER_get_type(e);
    bool aead = c->EVP_CIPHER_get_flags(e) & EVP_CIPH_FLAG_AEAD_CIPHER;
    Term pairs[] = {
        ATOM_block_size, term_small(c->EVP_CIPHER_get_block_size(e)),
        ATOM_iv_length,  term_small(c->EVP_CIPHER_get_iv_length(e)),
        ATOM_key_length, term_small(c->EVP_CIPHER_get_key_length(e)),
        ATOM_mode,       mode_name(c->EVP_CIPHER_get_mode(e)),
        ATOM_prop_aead,  aead ? ATOM_true : ATOM_false,
        ATOM_type,       number == 0 ? ATOM_undefined : term_small(number)};
    return map_from_pairs(process_heap(p), process_atoms(p), 6, pairs);
}
