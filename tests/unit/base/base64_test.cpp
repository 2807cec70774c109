#include "core/base/base64.h"
#include "tests/support/test.h"

using namespace orrery;

class Base64Test : public QObject {
    Q_OBJECT
  private slots:
    void writesAndReads() {
        const std::tuple<std::string, const char*, const char*> cases[] = {
            {"", "", ""},
            {"f", "Zg==", "Zg"},
            {"fo", "Zm8=", "Zm8"},
            {"foo", "Zm9v", "Zm9v"},
            {"\xff\xef", "/+8=", "_-8"},
            {std::string("\xff\xfe\xfd\x00", 4), "//79AA==", "__79AA"},
        };
        for (const auto& [bytes, standard, url] : cases) {
            QCOMPARE(base64(bytes), std::string(standard));
            QCOMPARE(base64Url(bytes), std::string(url));
            QCOMPARE(*fromBase64(standard), bytes);
            QCOMPARE(*fromBase64Url(url), bytes);
        }
    }
    void theStandardAlphabetMayHaveLineBreaks() {
        QCOMPARE(*fromBase64("Zm9v\r\nZm8=\n"), std::string("foofo"));
        for (const char* text : {"Zg", "Zg=", "Zm9", "Z===", "====", "Zg==Zg==", "_-8=", "Z m9"})
            QVERIFY2(!fromBase64(text), text);
    }
    // One value has one text: a signature in other letters is another signature.
    void theUrlAlphabetIsStrict() {
        for (const char* text : {"A", "Zm8=", "Zm9", "Z m", "+/8", "Zm9v\n"})
            QVERIFY2(!fromBase64Url(text), text);
        QCOMPARE(fromBase64Url("Zm9v!").error().message,
                 std::string("illegal base64 data at input byte 4"));
    }
};

ORRERY_TEST(Base64Test)
#include "base64_test.moc"
