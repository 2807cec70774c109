#include "core/pki/ec_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace orrery::pki {
namespace {

constexpr int kScalarBytes = 32;

template <auto Free> struct Freer {
    template <typename T> void operator()(T* pointer) const { Free(pointer); }
};
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using BnPtr = std::unique_ptr<BIGNUM, Freer<BN_clear_free>>;
using BnCtxPtr = std::unique_ptr<BN_CTX, Freer<BN_CTX_free>>;
using GroupPtr = std::unique_ptr<EC_GROUP, Freer<EC_GROUP_free>>;
using PointPtr = std::unique_ptr<EC_POINT, Freer<EC_POINT_free>>;
using KeyCtxPtr = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using DigestCtxPtr = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using SignaturePtr = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>>;

const unsigned char* octets(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* octets(std::string& bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
}

std::shared_ptr<EVP_PKEY> shared(EVP_PKEY* key) {
    return std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free);
}

std::string scalarBytes(const BIGNUM* number) {
    std::string bytes(kScalarBytes, '\0');
    ORRERY_ASSERT(BN_bn2binpad(number, octets(bytes), kScalarBytes) == kScalarBytes);
    return bytes;
}

BnPtr scalar(std::string_view bytes) {
    return BnPtr(BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr));
}

GroupPtr curve() {
    GroupPtr group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    ORRERY_ASSERT(group != nullptr);
    return group;
}

// The key with the private number `secret`.
std::shared_ptr<EVP_PKEY> keyOfSecret(const BIGNUM* secret) {
    const GroupPtr group = curve();
    const PointPtr point(EC_POINT_new(group.get()));
    ORRERY_ASSERT(EC_POINT_mul(group.get(), point.get(), secret, nullptr, nullptr, nullptr) == 1);
    std::string encoded(2 * kScalarBytes + 1, '\0');
    EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, octets(encoded),
                       encoded.size(), nullptr);
    std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD_free>> build(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
    OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret);
    OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded.data(),
                                     encoded.size());
    std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM_free>> parameters(
        OSSL_PARAM_BLD_to_param(build.get()));
    const KeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) != 1)
        return nullptr;
    return shared(key);
}

BnPtr secretOf(const EVP_PKEY* key) {
    BIGNUM* secret = nullptr;
    ORRERY_ASSERT(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &secret) == 1);
    return BnPtr(secret);
}

std::string hmac(std::string_view key, std::string_view bytes) {
    std::string out(kScalarBytes, '\0');
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(bytes), bytes.size(),
         octets(out), &size);
    return out;
}

// RFC 6979, 3.2: nonces from the secret and the digest. Each call of next() is one candidate.
class NonceSequence {
  public:
    NonceSequence(const BIGNUM* secret, const BIGNUM* digestModOrder) {
        const std::string seed = scalarBytes(secret) + scalarBytes(digestModOrder);
        for (const char step : {'\0', '\1'}) {
            key_ = hmac(key_, value_ + step + seed);
            value_ = hmac(key_, value_);
        }
    }
    BnPtr next() {
        if (!first_) {
            key_ = hmac(key_, value_ + '\0');
            value_ = hmac(key_, value_);
        }
        first_ = false;
        value_ = hmac(key_, value_);
        return scalar(value_);
    }

  private:
    std::string key_ = std::string(kScalarBytes, '\0');
    std::string value_ = std::string(kScalarBytes, '\1');
    bool first_ = true;
};

// ECDSA with RFC 6979's nonce. The library of Debian 12 can only draw nonces from the system.
std::string signSeeded(const EVP_PKEY* key, std::string_view bytes) {
    const GroupPtr group = curve();
    const BIGNUM* order = EC_GROUP_get0_order(group.get());
    const BnCtxPtr context(BN_CTX_new());
    const BnPtr secret = secretOf(key);
    const BnPtr digest = scalar(sha256(bytes));
    BN_nnmod(digest.get(), digest.get(), order, context.get());
    NonceSequence nonces(secret.get(), digest.get());
    const PointPtr point(EC_POINT_new(group.get()));
    const BnPtr r(BN_new()), s(BN_new()), inverse(BN_new());
    for (;;) {
        const BnPtr nonce = nonces.next();
        if (BN_is_zero(nonce.get()) || BN_cmp(nonce.get(), order) >= 0)
            continue;
        EC_POINT_mul(group.get(), point.get(), nonce.get(), nullptr, nullptr, context.get());
        EC_POINT_get_affine_coordinates(group.get(), point.get(), r.get(), nullptr, context.get());
        BN_nnmod(r.get(), r.get(), order, context.get());
        BN_mod_inverse(inverse.get(), nonce.get(), order, context.get());
        BN_mod_mul(s.get(), r.get(), secret.get(), order, context.get());
        BN_mod_add(s.get(), s.get(), digest.get(), order, context.get());
        BN_mod_mul(s.get(), s.get(), inverse.get(), order, context.get());
        if (!BN_is_zero(r.get()) && !BN_is_zero(s.get()))
            return scalarBytes(r.get()) + scalarBytes(s.get());
    }
}

} // namespace

Result<EcKey> EcKey::generate(Random& random, KeySource source) {
    if (source == KeySource::System) {
        EVP_PKEY* key = EVP_EC_gen("P-256");
        if (key == nullptr)
            return internalError("the system's random source did not give a key");
        return EcKey(shared(key), source);
    }
    const GroupPtr group = curve();
    for (;;) {
        std::string bytes;
        while (bytes.size() < kScalarBytes) {
            const std::uint64_t drawn = random.next();
            for (int byte = 0; byte < 8; ++byte)
                bytes += static_cast<char>(drawn >> (8 * byte));
        }
        const BnPtr secret = scalar(bytes);
        if (BN_is_zero(secret.get()) || BN_cmp(secret.get(), EC_GROUP_get0_order(group.get())) >= 0)
            continue;
        std::shared_ptr<EVP_PKEY> key = keyOfSecret(secret.get());
        ORRERY_ASSERT(key != nullptr);
        return EcKey(std::move(key), source);
    }
}

Result<EcKey> EcKey::fromPem(std::string_view pem, KeySource source) {
    const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    // Never ask the terminal for a passphrase.
    const auto noPassphrase = [](char*, int, int, void*) { return -1; };
    EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, noPassphrase, nullptr);
    if (key == nullptr)
        return badRequest("not a PEM private key");
    std::shared_ptr<EVP_PKEY> owned = shared(key);
    char group[64] = "";
    EVP_PKEY_get_group_name(key, group, sizeof group, nullptr);
    if (std::string_view(group) != "prime256v1")
        return badRequest("not an ECDSA P-256 key");
    return EcKey(std::move(owned), source);
}

std::string EcKey::privatePem() const {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    ORRERY_ASSERT(PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr,
                                                nullptr) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
}

std::string EcKey::publicDer() const {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key_.get(), &der);
    ORRERY_ASSERT(size > 0);
    std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return out;
}

std::string EcKey::publicPoint() const {
    // The DER ends with the uncompressed point: 04, x, y.
    const std::string der = publicDer();
    ORRERY_ASSERT(der.size() > 2 * kScalarBytes && der[der.size() - 2 * kScalarBytes - 1] == 4);
    return der.substr(der.size() - 2 * kScalarBytes);
}

Result<std::string> EcKey::sign(std::string_view bytes) const {
    if (source_ == KeySource::Seeded)
        return signSeeded(key_.get(), bytes);
    const DigestCtxPtr context(EVP_MD_CTX_new());
    std::string der(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    std::size_t size = der.size();
    if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
        EVP_DigestSign(context.get(), octets(der), &size, octets(bytes), bytes.size()) != 1)
        return internalError("signing failed");
    const unsigned char* at = octets(std::string_view(der));
    const SignaturePtr signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
    if (!signature)
        return internalError("signing failed");
    return scalarBytes(ECDSA_SIG_get0_r(signature.get())) +
           scalarBytes(ECDSA_SIG_get0_s(signature.get()));
}

bool EcKey::verify(std::string_view bytes, std::string_view signature) const {
    if (signature.size() != 2 * kScalarBytes)
        return false;
    const std::string der = derSignature(signature);
    const DigestCtxPtr context(EVP_MD_CTX_new());
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
           EVP_DigestVerify(context.get(), octets(std::string_view(der)), der.size(), octets(bytes),
                            bytes.size()) == 1;
}

std::string derSignature(std::string_view rawSignature) {
    ORRERY_ASSERT(rawSignature.size() == 2 * kScalarBytes);
    const SignaturePtr signature(ECDSA_SIG_new());
    ECDSA_SIG_set0(signature.get(), scalar(rawSignature.substr(0, kScalarBytes)).release(),
                   scalar(rawSignature.substr(kScalarBytes)).release());
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &der);
    ORRERY_ASSERT(size > 0);
    std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return out;
}

} // namespace orrery::pki
