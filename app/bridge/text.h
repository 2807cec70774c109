// How values read in the window.
#pragma once
#include <QtCore/QString>
#include <cstdint>
#include <string>

#include "core/base/time.h"

namespace orrery::app {

inline QString text(const std::string& utf8) {
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}
QString groupedNumber(std::int64_t number); // "2 318"
QString sizeText(std::int64_t bytes);       // "2.7 KB"
QString clockText(Time time);               // "10:42:07.318", in local time; "" for no time
QString clockSeconds(Time time);            // "10:42:07"
QString millisText(double milliseconds);    // "0.21 ms", "1.2 s"
// "replicaset" for "replicaset-controller", "kubelet w1" for "kubelet/w1".
QString loopTitle(const std::string& name);
bool isKubelet(const std::string& name);
// What a step decided and why: "create Pod (2 of 3 missing)" becomes {"create Pod", "2 of 3
// missing"}.
struct Decision {
    QString what, because;
};
Decision splitDecision(const std::string& decided);
// The order of names as people count: "node-2" before "node-10".
bool countsBefore(const std::string& a, const std::string& b);
// Milliseconds since 1970.
std::int64_t epochMillis(Time time);

} // namespace orrery::app
