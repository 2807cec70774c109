// What a scheduler and drivers say about a ResourceClaim.
#include "core/api/validation/addresses.h"
#include "core/api/validation/devices.h"

namespace orrery::api {

namespace {
constexpr std::size_t kReservedMax = 256, kResultsMax = 32, kConfigMax = 64;

bool isUuid(std::string_view text) {
    constexpr std::string_view kShape = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
    if (text.size() != kShape.size())
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (kShape[i] == 'h' ? !hex : text[i] != '-')
            return false;
    }
    return true;
}

void checkShareId(Findings& findings, const Json& holder, const std::string& path) {
    if (has(holder, "shareID") && !isUuid(stringAt(holder, "shareID")))
        findings.invalid(path + ".shareID", stringAt(holder, "shareID"),
                         "uid must be in RFC 4122 normalized form, "
                         "`xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal "
                         "characters");
}

// driver/pool/device, and the share where one device serves several claims.
std::string deviceId(const Json& holder) {
    std::string id = std::string(stringAt(holder, "driver")) + "/" +
                     std::string(stringAt(holder, "pool")) + "/" +
                     std::string(stringAt(holder, "device"));
    if (const std::string_view share = stringAt(holder, "shareID"); !share.empty())
        id += "/" + std::string(share);
    return id;
}

void checkDeviceAddress(Findings& findings, const Json& holder, const std::string& path) {
    checkDriverName(findings, stringAt(holder, "driver"), path + ".driver");
    checkPoolName(findings, stringAt(holder, "pool"), path + ".pool");
    const std::string_view device = stringAt(holder, "device");
    findings.each(path + ".device", device, checkDns1123Label(device));
}

void checkReserved(Findings& findings, const Json& status) {
    checkNamedSet(
        findings, status, "reservedFor", "status", kReservedMax,
        [&](const Json& consumer, const std::string& path) {
            for (const std::string_view member : {"resource", "name", "uid"})
                checkRequired(findings, consumer, member, path);
        },
        "uid");
}

void checkNetwork(Findings& findings, const Json& device, const std::string& path) {
    constexpr std::size_t kInterfaceMax = 256, kHardwareMax = 128, kAddressesMax = 16;
    const Json& network = partOf(device, "networkData");
    if (stringAt(network, "interfaceName").size() > kInterfaceMax)
        findings.tooLong(path + ".networkData.interfaceName", kInterfaceMax);
    if (stringAt(network, "hardwareAddress").size() > kHardwareMax)
        findings.tooLong(path + ".networkData.hardwareAddress", kHardwareMax);
    Seen seen;
    checkSized(findings, network, "ips", path + ".networkData", kAddressesMax,
               [&](const Json& address, const std::string& where) {
                   const Sentences wrong = checkInterfaceAddress(asString(address));
                   findings.each(where, asString(address), wrong);
                   if (!seen.add(asString(address)))
                       findings.duplicate(where, address);
               });
}

void checkDeviceStatuses(Findings& findings, const Json& status) {
    constexpr std::size_t kConditionsMax = 8, kDataMax = 10 * 1024;
    Seen allocated, seen;
    for (const Json& result : arrayAt(status, "allocation.devices.results"))
        allocated.add(deviceId(result));
    eachItem(status, "devices", "status", [&](const Json& device, const std::string& path) {
        checkDeviceAddress(findings, device, path);
        checkShareId(findings, device, path);
        if (!allocated.has(deviceId(device)))
            findings.invalid(path, deviceId(device), "must be an allocated device in the claim");
        if (arrayAt(device, "conditions").size() > kConditionsMax)
            findings.tooMany(path + ".conditions", arrayAt(device, "conditions").size(),
                             kConditionsMax);
        checkConditions(findings, device, path);
        if (has(device, "data"))
            checkRawObject(findings, *find(device, "data"), path + ".data", kDataMax);
        checkNetwork(findings, device, path);
    });
    eachItem(status, "devices", "status", [&](const Json& device, const std::string& path) {
        if (!seen.add(deviceId(device)))
            findings.duplicate(path, Json(deviceId(device)));
    });
}

void checkAllocation(Findings& findings, const Json& claim) {
    const std::string path = "status.allocation";
    const Json& allocation = partOf(claim, path);
    const Seen requests = requestNamesOf(partOf(claim, "spec.devices"));
    const Json& devices = partOf(allocation, "devices");
    checkSized(findings, devices, "results", path + ".devices", kResultsMax,
               [&](const Json& result, const std::string& where) {
                   checkRequestReference(findings, stringAt(result, "request"), where + ".request",
                                         requests);
                   checkDeviceAddress(findings, result, where);
                   checkBindingConditions(findings, result, where);
                   checkShareId(findings, result, where);
               });
    checkSized(findings, devices, "config", path + ".devices", kConfigMax,
               [&](const Json& config, const std::string& where) {
                   if (stringAt(config, "source").empty())
                       findings.required(where + ".source");
                   else
                       checkOneOf(findings, config, "source", where, {"FromClaim", "FromClass"});
                   checkRequestNames(findings, config, where, requests);
                   checkDeviceConfiguration(findings, config, where);
               });
    if (has(allocation, "nodeSelector"))
        checkNodeSelector(findings, *find(allocation, "nodeSelector"), path + ".nodeSelector");
}
} // namespace

void checkClaimStatus(Findings& findings, const Json& claim, const Json& old) {
    const Json& status = partOf(claim, "status");
    const Json &now = partOf(status, "allocation"), &before = partOf(old, "status.allocation");
    checkReserved(findings, status);
    checkDeviceStatuses(findings, status);
    const JsonArray& reserved = arrayAt(status, "reservedFor");
    if (!reserved.empty() && now.is_null()) {
        findings.forbidden("status.reservedFor",
                           "may not be specified when `allocated` is not set");
    } else if (find(partOf(claim, "metadata"), "deletionTimestamp")) {
        Seen had;
        for (const Json& consumer : arrayAt(old, "status.reservedFor"))
            had.add(serializeJson(consumer));
        const bool grown = std::any_of(reserved.begin(), reserved.end(), [&](const Json& each) {
            return !had.has(serializeJson(each));
        });
        if (grown)
            findings.forbidden("status.reservedFor",
                               "new entries may not be added while `deallocationRequested` or "
                               "`deletionTimestamp` are set");
    }
    if (now.is_null())
        return;
    if (before.is_null())
        checkAllocation(findings, claim);
    else if (!sameValue(now, before))
        findings.invalid("status.allocation", now, kImmutable);
}

} // namespace orrery::api
