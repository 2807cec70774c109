// The machine's network.
#pragma once
#include "core/runtime/env.h"

namespace orrery {

class RealNetwork final : public Network {
  public:
    Result<std::unique_ptr<ListenSocket>> listen(const std::string& host, int port) override;
};

} // namespace orrery
