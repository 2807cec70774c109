// What every unit test includes: Qt Test, the JSON value, and the registration of test classes.
//
//     class QuantityTest : public QObject {
//         Q_OBJECT
//       private slots:
//         void parses();
//     };
//     ORRERY_TEST(QuantityTest)
//     ...
//     #include "quantity_test.moc"
#pragma once
#include <QtTest/QtTest>

#include "core/base/pch.h"

namespace orrery::tests {
using MakeTest = QObject* (*)();
// Returns a number only so that it can initialise a constant.
int registerTest(MakeTest make);
} // namespace orrery::tests

#define ORRERY_TEST(Class)                                                                         \
    static const int ORRERY_CONCAT(registered, Class) =                                            \
        ::orrery::tests::registerTest([]() -> QObject* { return new Class; });
