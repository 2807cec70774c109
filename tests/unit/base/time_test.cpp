#include "core/base/time.h"
#include "tests/support/test.h"

using namespace orrery;

class TimeTest : public QObject {
    Q_OBJECT
  private slots:
    void readsAndWrites() {
        const Result<Time> time = parseTime("2026-11-21T10:42:07.318Z");
        QVERIFY(time.has_value());
        QCOMPARE(formatTime(*time), std::string("2026-11-21T10:42:07Z"));
        QCOMPARE(formatMicroTime(*time), std::string("2026-11-21T10:42:07.318000Z"));
        QCOMPARE(formatTime(*parseTime("2026-11-21T12:42:07+02:00")),
                 std::string("2026-11-21T10:42:07Z"));
        QCOMPARE(formatTime(*parseTime("2024-02-29T00:00:00-00:30")),
                 std::string("2024-02-29T00:30:00Z"));
    }
    void refusesBadTimes() {
        for (const char* text :
             {"", "2026", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z",
              "2026-01-01T00:00:00", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00.Z",
              "9999-01-01T00:00:00Z"})
            QVERIFY2(!parseTime(text), text);
    }
    void durations() {
        const std::pair<const char*, const char*> cases[] = {
            {"300ms", "300ms"}, {"1.5h", "1h30m0s"},     {"90s", "1m30s"}, {"0", "0s"},
            {"-2m", "-2m0s"},   {"1h1ms", "1h0m0.001s"}, {"2us", "2µs"},   {"7ns", "7ns"},
        };
        for (const auto& [text, formatted] : cases) {
            const Result<Duration> duration = parseDuration(text);
            QVERIFY2(duration.has_value(), text);
            QCOMPARE(formatDuration(*duration), std::string(formatted));
        }
        for (const char* text : {"", "5", "s", "1x", "1.2.3s", "-"})
            QVERIFY2(!parseDuration(text), text);
    }
    void human() {
        const std::pair<Duration, const char*> cases[] = {
            {0s, "0s"},         {119s, "119s"},    {120s, "2m"},         {192s, "3m12s"},
            {15min, "15m"},     {3h, "3h"},        {5h + 7min, "5h7m"},  {9h, "9h"},
            {50h, "2d2h"},      {24h * 20, "20d"}, {24h * 800, "2y70d"}, {24h * 365 * 9, "9y"},
            {-5s, "<invalid>"},
        };
        for (const auto& [duration, text] : cases)
            QCOMPARE(humanDuration(duration), std::string(text));
    }
};
ORRERY_TEST(TimeTest)
#include "time_test.moc"
