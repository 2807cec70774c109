// An ECDSA P-256 key: what every certificate and token of a cluster is made with.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/runtime/env.h"

struct evp_pkey_st; // the library's key

namespace orrery::pki {

// Where keys and signature nonces come from. System: the operating system's secure source. Seeded:
// Env's random, so that a simulated world repeats to the byte; never for keys that leave the
// process.
enum class KeySource { System, Seeded };

// Shared and immutable; cheap to copy.
class EcKey {
  public:
    static Result<EcKey> generate(Random& random, KeySource source);
    // A PEM private key, PKCS#8 or SEC1. Error: BadRequest when it is none, or of another curve.
    static Result<EcKey> fromPem(std::string_view pem, KeySource source = KeySource::System);

    std::string privatePem() const;  // PKCS#8
    std::string publicDer() const;   // SubjectPublicKeyInfo
    std::string publicPoint() const; // x then y, 32 bytes each

    // SHA-256 and ECDSA; r then s, 32 bytes each.
    Result<std::string> sign(std::string_view bytes) const;
    bool verify(std::string_view bytes, std::string_view signature) const;

    evp_pkey_st* handle() const { return key_.get(); }
    KeySource source() const { return source_; }

  private:
    EcKey(std::shared_ptr<evp_pkey_st> key, KeySource source)
        : key_(std::move(key)), source_(source) {}
    std::shared_ptr<evp_pkey_st> key_;
    KeySource source_;
};

// r then s (64 bytes) as the DER that certificates carry.
std::string derSignature(std::string_view rawSignature);

} // namespace orrery::pki
