#include "core/base/json.h"

#include "tests/support/test.h"

using namespace orrery;

class JsonTest : public QObject {
    Q_OBJECT
  private slots:
    void everyCharacterIsWrittenAsItIsRead();
    void valuesOfEveryKind_data();
    void valuesOfEveryKind();
    void longTextsAndManyOfThem();
};

void JsonTest::everyCharacterIsWrittenAsItIsRead() {
    for (int code = 0; code < 256; ++code) {
        const std::string text =
            code < 0x80 ? std::string("a") + static_cast<char>(code) + "b"
                        : std::string("\xc2\x80\xe2\x82\xac", 5) + std::to_string(code);
        const std::string written = serializeJson(Json(text));
        const Result<Json> read = parseJson(written);
        QVERIFY2(read.has_value(), written.c_str());
        QCOMPARE(std::string(asString(*read)), text);
        QCOMPARE(written, boost::json::serialize(Json(text)));
    }
}

void JsonTest::valuesOfEveryKind_data() {
    QTest::addColumn<QByteArray>("text");
    for (const char* text :
         {"null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808",
          "18446744073709551615", "\"\"", "[]", "{}", "[[],{},[{}]]",
          R"({"a":[1,2,{"b":null}],"c":"d","":"e"})", R"(["\"","\\","\u0001","\u001f","\n\t/"])"})
        QTest::newRow(text) << QByteArray(text);
}

void JsonTest::valuesOfEveryKind() {
    QFETCH(QByteArray, text);
    const Result<Json> value = parseJson(text.toStdString());
    QVERIFY(value.has_value());
    QCOMPARE(serializeJson(*value), text.toStdString());
}

void JsonTest::longTextsAndManyOfThem() {
    const std::string longText(3'000'000, 'x'); // more than what a thread keeps its buffer for
    QCOMPARE(serializeJson(Json(longText)).size(), longText.size() + 2);
    const std::string shortText = serializeJson(Json("short"));
    QCOMPARE(shortText, std::string("\"short\""));
    for (const double number : {0.5, 1e300, -2.25, 100.0}) {
        const Result<Json> read = parseJson(serializeJson(Json(number)));
        QVERIFY(read && read->is_double());
        QCOMPARE(read->get_double(), number);
    }
}

ORRERY_TEST(JsonTest)
#include "json_test.moc"
