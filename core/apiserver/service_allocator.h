// Cluster IPs and node ports of Services: who has which, rebuilt from the store at the start.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/runtime/env.h"
#include "core/store/store.h"

namespace orrery::apiserver {

// The steps of a Service's write around the allocation. What an update keeps of the stored Service
// where the new one is silent; `old` is null on creation.
void settleService(Json& service, const Json* old);
// Fills in ipFamilyPolicy and ipFamilies and checks what is asked for. Error: Invalid.
Result<void> fillIpFamilies(Json& service, const Json* old);
// What goes when the type no longer has it and nobody asked for another value. After fill().
void dropForType(Json& service, const Json& old);
// What no reader of a valid Service sees.
void finishService(Json& service);

class ServiceAllocator {
  public:
    static constexpr int kNodePortMin = 30000, kNodePortMax = 32767;
    // `cidr`: "10.96.0.0/12".
    ServiceAllocator(Random& random, std::string cidr);

    // `prefix`: of the Services' keys.
    void rebuild(const store::Store& store, std::string_view prefix);
    // Fills in what a settled Service wants and lacks (clusterIP, ipFamilies, nodePorts) and checks
    // what it asks for. Takes nothing: onWrite() does, when the write happens. With `dryRun` taken
    // addresses and ports out of range pass, as in Kubernetes. Error: Invalid.
    Result<void> fill(Json& service, const Json* old, bool dryRun);
    // A Service changes from `old` to `now`; either may be null.
    void onWrite(const Json* old, const Json* now);
    // The address of the `kubernetes` Service: the first of the range.
    std::string firstAddress() const;

  private:
    class PortWrite; // the node ports of one write
    Result<void> fillAddress(Json& service, bool dryRun);
    Result<void> fillNewPorts(Json& service, PortWrite& ports) const;
    Result<void> fillChangedPorts(Json& service, const Json& old, PortWrite& ports) const;
    Result<void> fillHealthPort(Json& service, PortWrite& ports) const;
    std::optional<std::uint32_t> freeAddress();
    std::optional<int> freePort(const std::set<int>& mine) const;

    Random& random_;
    std::string cidr_;
    std::uint32_t first_ = 0, last_ = 0; // usable addresses
    std::set<std::uint32_t> addresses_;
    std::set<int> ports_;
};

} // namespace orrery::apiserver
