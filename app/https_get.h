// One HTTPS GET for the command's own subcommands; blocking.
#pragma once
#include <string>

#include "core/base/error.h"

namespace orrery::app {

struct HttpsTarget {
    std::string url; // "https://127.0.0.1:6443"
    std::string caPem, clientCertificatePem, clientKeyPem;
};

struct HttpsAnswer {
    int code = 0;
    std::string body;
};

// The answer's body is at most 64 MiB; waits at most 10 s for each step.
Result<HttpsAnswer> httpsGet(const HttpsTarget& target, const std::string& path);

} // namespace orrery::app
