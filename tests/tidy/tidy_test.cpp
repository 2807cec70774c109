// The laws that a program can check: who may include whom (the table of ARCHITECTURE.md), lengths,
// banned calls, and the stations on the map. Every message names the place and what to do instead.
#include <QDirIterator>
#include <QRegularExpression>

#include "core/trace/trace.h"
#include "tests/support/test.h"
#include "tests/tidy/tidy_test.h"

namespace {
const QString kRoot = ORRERY_SOURCE_DIR;
constexpr int kFunctionLinesMax = 70;
constexpr int kFileLinesMax = 420; // "about 400"
constexpr int kQmlLinesMax = 200;
constexpr int kColumnsMax = 100;

struct SourceFile {
    QString path; // from the root
    QStringList lines;
};

QString readText(const QString& path) {
    QFile file(kRoot + "/" + path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

const std::vector<SourceFile>& sources() {
    static const std::vector<SourceFile> all = [] {
        std::vector<SourceFile> found;
        for (const char* folder : {"core", "vmnodes", "app"}) {
            QDirIterator at(kRoot + "/" + folder, {"*.h", "*.cpp"}, QDir::Files,
                            QDirIterator::Subdirectories);
            while (at.hasNext()) {
                const QString path = QDir(kRoot).relativeFilePath(at.next());
                found.push_back({path, readText(path).split('\n')});
            }
        }
        std::sort(found.begin(), found.end(),
                  [](const auto& a, const auto& b) { return a.path < b.path; });
        return found;
    }();
    return all;
}

// The block of ARCHITECTURE.md between two marks, as lines.
QStringList block(const QString& name) {
    const QString text = readText("ARCHITECTURE.md");
    const qsizetype begin = text.indexOf("<!-- " + name + " -->");
    const qsizetype end = text.indexOf("<!-- end " + name + " -->");
    return begin < 0 || end < begin ? QStringList() : text.mid(begin, end - begin).split('\n');
}

// "core/store -> core/base core/runtime": the layer, and what it may include.
std::map<QString, QStringList> layerTable() {
    std::map<QString, QStringList> table;
    for (const QString& line : block("layers")) {
        const QStringList sides = line.split("->");
        if (sides.size() == 2)
            table[sides[0].trimmed()] = sides[1].split(' ', Qt::SkipEmptyParts);
    }
    return table;
}

// The layer that a path belongs to: the longest one of the table that it begins with.
QString layerOf(const std::map<QString, QStringList>& table, const QString& path) {
    QString best;
    for (const auto& [layer, allowed] : table)
        if (path.startsWith(layer + "/") && layer.size() > best.size())
            best = layer;
    return best;
}

bool allows(const QStringList& allowed, const QString& layer) {
    for (const QString& entry : allowed)
        if (entry == layer || (entry.endsWith("/*") && layer.startsWith(entry.chopped(1))))
            return true;
    return false;
}

// Tables, as the laws call them: long by nature, without logic.
bool isTable(const QString& path) {
    static const QStringList tables = {"core/api/kinds/", "core/api/columns/", "core/api/views/",
                                       "core/auth/bootstrap", "core/api/validation/"};
    for (const QString& table : tables)
        if (path.startsWith(table))
            return true;
    return false;
}

struct Ban {
    QRegularExpression pattern;
    QString instead;
    QStringList allowed; // beginnings of paths
};

const std::vector<Ban>& bans() {
    static const std::vector<Ban> all = {
        {QRegularExpression(
             R"(\b(system_clock|steady_clock)::now\b|\btime\(nullptr\)|\bgettimeofday\b)"),
         "Env's clock",
         {"core/runtime/real", "core/trace/trace.cpp", "app/", "core/apiserver/http"}},
        {QRegularExpression(R"(\brandom_device\b|\brand\(\)|\bmt19937)"),
         "Env's random",
         {"core/runtime/real", "core/runtime/sim"}},
        {QRegularExpression(
             R"(\bstd::(mutex|thread|condition_variable|recursive_mutex|shared_mutex)\b)"),
         "the plane's executor (post, offload)",
         {"core/runtime/real", "core/store/", "core/apiserver/http", "app/", "core/runtime/loop"}},
        {QRegularExpression(R"(\bstd::(ifstream|ofstream|fstream)\b|\bfopen\()"),
         "Env's files",
         {"core/runtime/real", "core/store/sqlite_", "app/"}},
        {QRegularExpression(R"(\bgetenv\()"), "a parameter", {"app/"}},
        {QRegularExpression(R"(\bsleep_for\b|\busleep\()"),
         "Executor::postAt",
         {"core/runtime/real"}},
        {QRegularExpression(R"(\bboost::json\b)"), "Json of core/base/json.h", {"core/base/json"}},
        {QRegularExpression(R"(^\s*throw\b)"), "Result<T>", {}},
        {QRegularExpression(R"(\bassert\()"), "ORRERY_ASSERT", {}},
        {QRegularExpression(R"(#include <Q|\bQString\b)"), "nothing of Qt outside app/", {"app/"}},
    };
    return all;
}

bool anyPrefix(const QStringList& prefixes, const QString& path) {
    for (const QString& prefix : prefixes)
        if (path.startsWith(prefix))
            return true;
    return false;
}
} // namespace

namespace {
// Fails with all findings at once.
void report(const QStringList& findings) {
    QVERIFY2(findings.isEmpty(), qPrintable("\n" + findings.join('\n')));
}
} // namespace

void TidyTest::includesFollowTheLayers() {
    const std::map<QString, QStringList> table = layerTable();
    QVERIFY2(table.size() > 10, "ARCHITECTURE.md has no layer table");
    static const QRegularExpression include(R"re(^#include "((?:core|vmnodes|app)/[^"]+)")re");
    QStringList findings;
    for (const SourceFile& source : sources()) {
        const QString own = layerOf(table, source.path);
        if (own.isEmpty()) {
            findings << source.path + ": its folder is in no row of ARCHITECTURE.md's layer table";
            continue;
        }
        for (const QString& line : source.lines) {
            const auto match = include.match(line);
            const QString other = match.hasMatch() ? layerOf(table, match.captured(1)) : QString();
            if (match.hasMatch() && other != own && !allows(table.at(own), other))
                findings << source.path + ": " + own + " may not include " + match.captured(1) +
                                " (ARCHITECTURE.md, layers)";
        }
    }
    report(findings);
}

void TidyTest::filesAndFunctionsAreShort() {
    QStringList findings;
    for (const SourceFile& source : sources()) {
        if (!isTable(source.path) && source.lines.size() > kFileLinesMax)
            findings << QString("%1: %2 lines; split it (at most about 400)")
                            .arg(source.path)
                            .arg(source.lines.size());
        int begin = -1;
        for (int i = 0; i < source.lines.size(); ++i) {
            const QString& line = source.lines[i];
            if (line.size() > kColumnsMax)
                findings << QString("%1:%2: %3 columns; break the line")
                                .arg(source.path)
                                .arg(i + 1)
                                .arg(line.size());
            if (line == "}" && begin >= 0 && !isTable(source.path) && i - begin > kFunctionLinesMax)
                findings << QString("%1:%2: a function of %3 lines; split it (at most %4)")
                                .arg(source.path)
                                .arg(begin + 1)
                                .arg(i - begin + 1)
                                .arg(kFunctionLinesMax);
            if (!line.isEmpty() && !line.startsWith(' ') && line.endsWith('{') &&
                line.contains('(') && !line.startsWith("namespace") && !line.contains("[]"))
                begin = i;
            else if (line.startsWith('}'))
                begin = -1;
        }
    }
    report(findings);
}

// Logic belongs to the models: a long file of the window is one that should be two.
void TidyTest::windowFilesAreShort() {
    QStringList findings;
    QDirIterator at(kRoot + "/ui/qml", {"*.qml"}, QDir::Files, QDirIterator::Subdirectories);
    while (at.hasNext()) {
        const QString path = QDir(kRoot).relativeFilePath(at.next());
        const QStringList lines = readText(path).split('\n');
        if (lines.size() > kQmlLinesMax)
            findings << QString("%1: %2 lines; split it (at most %3)")
                            .arg(path)
                            .arg(lines.size())
                            .arg(kQmlLinesMax);
        for (int i = 0; i < lines.size(); ++i)
            if (lines[i].size() > kColumnsMax)
                findings << QString("%1:%2: %3 columns; break the line")
                                .arg(path)
                                .arg(i + 1)
                                .arg(lines[i].size());
    }
    report(findings);
}

void TidyTest::nothingBannedIsCalled() {
    QStringList findings;
    for (const SourceFile& source : sources())
        for (int i = 0; i < source.lines.size(); ++i) {
            QString code = source.lines[i];
            code.truncate(code.indexOf("//") < 0 ? code.size() : code.indexOf("//"));
            for (const Ban& ban : bans())
                if (!anyPrefix(ban.allowed, source.path) && ban.pattern.match(code).hasMatch())
                    findings << QString("%1:%2: use %3: %4")
                                    .arg(source.path)
                                    .arg(i + 1)
                                    .arg(ban.instead, code.trimmed());
        }
    report(findings);
}

void TidyTest::stationsAreOnTheMap() {
    static const QRegularExpression row(R"(^\| (\d+) \| (\w+) \|[^|]*\| `([^`]+)`)");
    QStringList findings;
    int number = 0;
    for (const QString& line : block("stations")) {
        const auto match = row.match(line);
        if (!match.hasMatch())
            continue;
        ++number;
        const QString name = match.captured(2), path = match.captured(3);
        QCOMPARE(match.captured(1).toInt(), number);
        const std::string_view expected =
            orrery::stationName(static_cast<orrery::Station>(number - 1));
        QCOMPARE(name.toStdString(), std::string(expected));
        const QString text = readText(path);
        if (text.isEmpty())
            findings << path + " (station " + name + ") does not exist";
        else if (!text.contains("Station::" + name))
            findings << path + " does not emit Station::" + name;
    }
    QCOMPARE(number, orrery::kStationCount);
    report(findings);
}

void TidyTest::everyStationIsEmitted() {
    QStringList findings;
    for (int i = 0; i < orrery::kStationCount; ++i) {
        const std::string_view name = orrery::stationName(static_cast<orrery::Station>(i));
        const QString wanted =
            "Station::" + QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
        bool found = false;
        for (const SourceFile& source : sources())
            found = found ||
                    (!source.path.startsWith("core/trace") && !source.path.startsWith("app/") &&
                     source.lines.join('\n').contains(wanted));
        if (!found)
            findings << "nothing emits " + wanted;
    }
    report(findings);
}

void TidyTest::nothingSpeaksOfTheWorkplace() {
    static const QRegularExpression wrong(R"((/work/|\bhelper-\d|TODO|FIXME|XXX))");
    QStringList findings;
    for (const SourceFile& source : sources())
        for (int i = 0; i < source.lines.size(); ++i)
            if (wrong.match(source.lines[i]).hasMatch())
                findings << QString("%1:%2: %3")
                                .arg(source.path)
                                .arg(i + 1)
                                .arg(source.lines[i].trimmed());
    report(findings);
}

ORRERY_TEST(TidyTest)
