#include "app/bridge/text.h"

#include <QtCore/QDateTime>
#include <QtCore/QLocale>
#include <chrono>

namespace orrery::app {

QString groupedNumber(std::int64_t number) {
    QString digits = QString::number(number);
    for (qsizetype at = digits.size() - 3; at > (number < 0 ? 1 : 0); at -= 3)
        digits.insert(at, QChar(0x00A0));
    return digits;
}

QString sizeText(std::int64_t bytes) {
    const auto kilobytes = static_cast<double>(bytes) / 1024;
    if (bytes < 100)
        return QStringLiteral("%1 B").arg(bytes);
    if (kilobytes < 1000)
        return QStringLiteral("%1 KB").arg(kilobytes, 0, 'f', 1);
    if (kilobytes < 1000 * 1024)
        return QStringLiteral("%1 MB").arg(kilobytes / 1024, 0, 'f', 1);
    return QStringLiteral("%1 GB").arg(kilobytes / 1024 / 1024, 0, 'f', 1);
}

std::int64_t epochMillis(Time time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

QString clockText(Time time) {
    return time == Time{}
               ? QString()
               : QDateTime::fromMSecsSinceEpoch(epochMillis(time)).toString(u"HH:mm:ss.zzz");
}

QString clockSeconds(Time time) {
    return time == Time{} ? QString()
                          : QDateTime::fromMSecsSinceEpoch(epochMillis(time)).toString(u"HH:mm:ss");
}

QString millisText(double milliseconds) {
    if (milliseconds >= 10000)
        return QStringLiteral("%1 s").arg(milliseconds / 1000, 0, 'f', 0);
    if (milliseconds >= 1000)
        return QStringLiteral("%1 s").arg(milliseconds / 1000, 0, 'f', 1);
    const int digits = milliseconds >= 10 || milliseconds == 0 ? 0 : milliseconds >= 1 ? 1 : 2;
    return QStringLiteral("%1 ms").arg(milliseconds, 0, 'f', digits);
}

bool isKubelet(const std::string& name) {
    return name.rfind("kubelet", 0) == 0;
}

QString loopTitle(const std::string& name) {
    QString title = text(name);
    if (title == u"default-scheduler")
        return QStringLiteral("scheduler");
    if (title.endsWith(u"-controller")) {
        title.chop(11);
        title.replace(u'-', u' ');
    }
    return title.replace(u'/', u' ');
}

Decision splitDecision(const std::string& decided) {
    const QString all = text(decided);
    if (const qsizetype because = all.indexOf(u", because "); because > 0)
        return {all.left(because), all.mid(because + 10)};
    if (const qsizetype because = all.indexOf(u" because "); because > 0)
        return {all.left(because), all.mid(because + 9)};
    if (const qsizetype colon = all.indexOf(u": "); colon > 0)
        return {all.left(colon), all.mid(colon + 2)};
    const qsizetype open = all.indexOf(u" (");
    if (open > 0 && all.endsWith(u')'))
        return {all.left(open), all.mid(open + 2, all.size() - open - 3)};
    return {all, QString()};
}

bool countsBefore(const std::string& a, const std::string& b) {
    const auto digit = [](const std::string& name, std::size_t at) {
        return at < name.size() && name[at] >= '0' && name[at] <= '9';
    };
    std::size_t i = 0, j = 0;
    while (i < a.size() && j < b.size()) {
        if (!digit(a, i) || !digit(b, j)) {
            if (a[i] != b[j])
                return a[i] < b[j];
            ++i, ++j;
            continue;
        }
        std::size_t endA = i, endB = j;
        while (digit(a, endA))
            ++endA;
        while (digit(b, endB))
            ++endB;
        if (endA - i != endB - j) // without leading zeros, the longer number is the larger
            return endA - i < endB - j;
        if (const int order = a.compare(i, endA - i, b, j, endB - j); order != 0)
            return order < 0;
        i = endA, j = endB;
    }
    return a.size() - i < b.size() - j;
}

} // namespace orrery::app
