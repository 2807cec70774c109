#include "core/base/quantity.h"
#include "tests/support/test.h"

using namespace orrery;

class QuantityTest : public QObject {
    Q_OBJECT
  private slots:
    void canonical_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("canonical");
        QTest::addColumn<qlonglong>("value");
        QTest::addColumn<qlonglong>("milli");
        const auto row = [](const char* text, const char* canonical, qlonglong value,
                            qlonglong milli) {
            QTest::newRow(text) << QString(text) << QString(canonical) << value << milli;
        };
        row("0", "0", 0, 0);
        row("0.5", "500m", 1, 500);
        row("1024Mi", "1Gi", 1 << 30, (1LL << 30) * 1000);
        row("1000m", "1", 1, 1000);
        row("1000k", "1M", 1'000'000, 1'000'000'000);
        row("1.5Gi", "1536Mi", 1536LL << 20, (1536LL << 20) * 1000);
        row("100Ki", "100Ki", 102400, 102'400'000);
        row("1e3", "1e3", 1000, 1'000'000);
        row("12e6", "12e6", 12'000'000, 12'000'000'000);
        row("-250m", "-250m", -1, -250);
        row("1n", "1n", 1, 1);
        row("0.1n", "1n", 1, 1);
        row("512", "512", 512, 512'000);
        row("1023Ki", "1023Ki", 1047552, 1'047'552'000);
        row("9E", "9E", 9'000'000'000'000'000'000, INT64_MAX);
    }
    void canonical() {
        QFETCH(QString, text);
        const Result<Quantity> quantity = Quantity::parse(text.toStdString());
        QVERIFY(quantity.has_value());
        QTEST(QString::fromStdString(quantity->text()), "canonical");
        QTEST(static_cast<qlonglong>(quantity->value()), "value");
        QTEST(static_cast<qlonglong>(quantity->milliValue()), "milli");
    }
    void refuses() {
        for (const char* text : {"", "abc", "1.2.3", "1Q", "--1", "1e", ".", "1 Gi", "1mi"})
            QVERIFY2(!Quantity::parse(text), text);
    }
    void adds() {
        Quantity sum = *Quantity::parse("100m");
        sum += *Quantity::parse("1.9");
        QCOMPARE(sum.text(), std::string("2"));
        QVERIFY(*Quantity::parse("1Gi") > *Quantity::parse("1G"));
    }
};
ORRERY_TEST(QuantityTest)
#include "quantity_test.moc"
