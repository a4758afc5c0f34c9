// SPDX-License-Identifier: Apache-2.0
// crypto: ciphers that make or check a tag (GCM, CCM, ChaCha20-Poly1305).
// Nothing of a text is shown whose tag is wrong.
#include <limits.h>

#include "crypto_algorithm.h"
#include "crypto_argument.h"
#include "runtime_bifs.gen.h"

// The arguments, as bytes.
typedef struct {
    CryptoBytes key, vector, text, extra; // extra: authenticated, not hidden
    CryptoBytes tag; // decrypting; its data is not used when encrypting
    bool encrypt;
} Arguments;

// OTP finds fault with these in its aead.c.
static Term bad(Process *p, int argument, int line, const char *text)
{
    return crypto_badarg(p, argument, "aead.c", line, text);
}

// What libcrypto refuses though the arguments look well.
static Term failed(Process *p, int line, const char *text)
{
    return crypto_failed(p, "aead.c", line, text);
}

// Whatever of them was read: an error may come between any two.
static void free_arguments(Arguments *a)
{
    crypto_bytes_free(&a->key);
    crypto_bytes_free(&a->vector);
    crypto_bytes_free(&a->text);
    crypto_bytes_free(&a->extra);
    crypto_bytes_free(&a->tag);
}

// The tag to check, or the size of that to make.
static bool get_tag(Process *p, Term t, Arguments *a)
{
    if (a->encrypt && !bif_get_size(t, &a->tag.size)) {
        bad(p, 5, 73, "Bad Tag length");
        return false;
    }
    if (!a->encrypt && !crypto_get_iodata(t, &a->tag)) {
        bad(p, 5, 77, "non-binary Tag");
        return false;
    }
    return true;
}

// False, and an error raised, when one is bad; to be freed all the same.
static bool get_arguments(Process *p, const Term *args, Arguments *a)
{
    if (!term_same(args[6], ATOM_true) && !term_same(args[6], ATOM_false)) {
        bad(p, 6, 54, "Bad enc flag");
        return false;
    }
    a->encrypt = term_same(args[6], ATOM_true);
    const struct {
        CryptoBytes *bytes;
        int line;
        const char *text;
    } all[] = {{&a->key, 63, "non-binary key"},
               {&a->vector, 65, "non-binary iv"},
               {&a->text, 67, "non-binary text"},
               {&a->extra, 69, "non-binary AAD"}};
    if (!term_is_atom(args[0])) {
        bad(p, 0, 61, "non-atom cipher type");
        return false;
    }
    // In their order, so that the first bad one is told.
    for (int i = 0; i < 4; i++) {
        if (crypto_get_iodata(args[i + 1], all[i].bytes)) continue;
        bad(p, i + 1, all[i].line, all[i].text);
        return false;
    }
    if (!get_tag(p, args[5], a)) return false;
    if (a->tag.size <= INT_MAX && a->key.size <= INT_MAX
        && a->vector.size <= INT_MAX && a->text.size <= INT_MAX
        && a->extra.size <= INT_MAX)
        return true;
    bad(p, 5, 87, "binary too long");
    return false;
}

// Gives a new context key and vector; CCM also wants sizes and tag first.
static Term start_context(Process *p, EVP_CIPHER_CTX *x,
                          const CryptoCipher *cipher, const EVP_CIPHER *e,
                          const Arguments *a)
{
    const CryptoLibrary *c = crypto_library(p->node);
    int size;
    if (!c->EVP_CipherInit_ex2(x, e, NULL, NULL, a->encrypt, NULL))
        return failed(p, 109, "CipherInit failed");
    // Before the key: with it the vector is read.
    if (c->EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_AEAD_SET_IVLEN, (int)a->vector.size,
                               NULL)
        != 1)
        return bad(p, 2, 111, "Bad IV length");
    if (cipher->ccm
        && c->EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_AEAD_SET_TAG, (int)a->tag.size,
                                  a->encrypt ? NULL : (void *)a->tag.data)
               != 1)
        return bad(p, 5, 116, "Can't set tag");
    if (!c->EVP_CipherInit_ex2(x, NULL, a->key.data, a->vector.data, -1, NULL))
        return cipher->ccm ? failed(p, 118, "Can't set key or iv")
                           : failed(p, 126, "Can't set key and iv");
    if (cipher->ccm
        && c->EVP_CipherUpdate(x, NULL, &size, NULL, (int)a->text.size) != 1)
        return failed(p, 120, "Can't set text size");
    if (c->EVP_CipherUpdate(x, NULL, &size, a->extra.data, (int)a->extra.size)
        != 1)
        return bad(p, 4, 131, "Can't set AAD");
    return ATOM_ok;
}

// {Hidden, Tag}
static Term encrypt_text(Process *p, EVP_CIPHER_CTX *x, const Arguments *a)
{
    const CryptoLibrary *c = crypto_library(p->node);
    Heap *h = process_heap(p);
    uint8_t *to, *tag;
    int size = 0;
    Term out = heap_binary_new(h, a->text.size, &to);
    if (c->EVP_CipherUpdate(x, to, &size, a->text.data, (int)a->text.size) != 1)
        return bad(p, 3, 139, "Can't set in-text");
    if (c->EVP_CipherFinal_ex(x, to + size, &size) != 1)
        return failed(p, 150, "Encrypt error");
    Term out_tag = heap_binary_new(h, a->tag.size, &tag);
    if (c->EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_AEAD_GET_TAG, (int)a->tag.size, tag)
        != 1)
        return failed(p, 156, "Can't get Tag");
    return heap_tuple2(h, out, out_tag);
}

// The text, or the atom error. CCM has checked the tag before it decrypts.
static Term decrypt_text(Process *p, EVP_CIPHER_CTX *x, bool ccm,
                         const Arguments *a)
{
    const CryptoLibrary *c = crypto_library(p->node);
    uint8_t *to;
    int size = 0;
    Term out = heap_binary_new(process_heap(p), a->text.size, &to);
    if (c->EVP_CipherUpdate(x, to, &size, a->text.data, (int)a->text.size) != 1)
        return ATOM_error;
    // Nothing of [out] is shown after this but by the last line.
    if (ccm) return out;
    if (c->EVP_CIPHER_CTX_ctrl(x, EVP_CTRL_AEAD_SET_TAG, (int)a->tag.size,
                               (void *)a->tag.data)
            != 1
        || c->EVP_CipherFinal_ex(x, to + size, &size) != 1)
        return ATOM_error;
    return out;
}

// A context lives for one call only: these ciphers have no parts here, since a
// text must not be shown before its tag is seen.
static Term run_cipher(Process *p, const CryptoCipher *cipher,
                       const EVP_CIPHER *e, const Arguments *a)
{
    const CryptoLibrary *c = crypto_library(p->node);
    EVP_CIPHER_CTX *x = c->EVP_CIPHER_CTX_new();
    if (x == NULL) return failed(p, 106, "Can't allocate ctx");
    Term answer = start_context(p, x, cipher, e, a);
    if (!term_same(answer, TERM_NONE))
        answer = a->encrypt ? encrypt_text(p, x, a)
                            : decrypt_text(p, x, cipher->ccm, a);
    c->EVP_CIPHER_CTX_free(x);
    return answer;
}

// aead_cipher_nif(Cipher, Key, Vector, Text, Extra, Tag or its size, Encrypt)
Term bif_crypto_aead_cipher_nif_7(Process *p, const Term *args)
{
    const CryptoLibrary *c = crypto_library(p->node);
    Arguments a = {0};
    Term answer = TERM_NONE;
    if (get_arguments(p, args, &a)) {
        const CryptoCipher *cipher = crypto_cipher(args[0]);
        EVP_CIPHER *e = NULL;
        if (cipher == NULL
            || (cipher->key_size != 0 && cipher->key_size != a.key.size))
            bad(p, 0, 90, "Unknown cipher or invalid key size");
        else if (!cipher->aead)
            bad(p, 0, 94, "Not aead cipher");
        else if ((e = crypto_cipher_fetch(c, cipher)) == NULL)
            crypto_notsup(p, 0, "aead.c", 98,
                          "The cipher is not supported in this libcrypto"
                          " version");
        else
            answer = run_cipher(p, cipher, e, &a);
        bif_bump(p, a.text.size / CRYPTO_BYTES_A_REDUCTION);
    }
    free_arguments(&a);
    return answer;
}
